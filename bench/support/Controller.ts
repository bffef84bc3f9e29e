import jsonwebtoken from 'jsonwebtoken';
import { Child } from './Child.ts';
import type { Cloud } from './cloud.ts';

const JWT_KEY = 'a key of the bench, with more than 32 characters';
const USER_CLAIM = 'sub';
const tokens = new Map<string, string>();

/** A user's token, HS256, made once. */
export function bearer(userId: string): Readonly<{ Authorization: string }> {
  let token = tokens.get(userId);
  if (!token) {
    token = jsonwebtoken.sign({ [USER_CLAIM]: userId }, JWT_KEY, { algorithm: 'HS256', expiresIn: '24h' });
    tokens.set(userId, token);
  }
  return { Authorization: `Bearer ${token}` };
}

/** The real program in a process of its own, configured as for AWS, with authentication by JWT. */
export class Controller {
  readonly child: Child;
  readonly port: number;
  /** From the start of the process to its line that it listens. */
  readonly readyMs: number;

  private constructor(child: Child, port: number, readyMs: number) {
    this.child = child;
    this.port = port;
    this.readyMs = readyMs;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(
    { facts, directory }: Cloud,
    nodeOptions: readonly string[] = [],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Controller> {
    const startedAt = performance.now();
    const child = new Child('../src/main.js', {
      cwd: directory,
      nodeOptions,
      environment: {
        WB_CLOUD: 'aws',
        HOST: '127.0.0.1',
        PORT: '0',
        AWS_ENDPOINT_URL: facts.url,
        AWS_REGION: facts.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        ECS_CLUSTER: facts.cluster,
        ECS_SUBNETS: facts.subnets.join(','),
        EFS_FILE_SYSTEM_ID: facts.fileSystemId,
        RESTAPI_AUTH_JWT_KEY: JWT_KEY,
        RESTAPI_AUTH_JWT_USER_CLAIM: USER_CLAIM,
        ...more,
      },
    });
    return await new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error('the controller did not start')), 60_000);
      child.onLine = (line) => {
        const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
        if (msg !== 'ready' || !url) return;
        child.onLine = () => {};
        clearTimeout(patience);
        resolve(new Controller(child, Number(new URL(url).port), performance.now() - startedAt));
      };
    });
  }

  async call<T>(method: string, path: string, userId: string, headers: Record<string, string> = {}): Promise<T> {
    const response = await fetch(this.url + path, { method, headers: { ...bearer(userId), ...headers } });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async end(): Promise<void> {
    await this.child.end();
  }
}
