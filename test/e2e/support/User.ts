import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually.ts';

export type Item = Readonly<{
  workbench_id: string;
  workbench_name: string;
  user_id: string;
  status: string;
  public_endpoint: string;
}>;

type Answer = Readonly<{ status: number; headers: Headers; body: AnswerBody }>;
type AnswerBody = Readonly<{
  success: boolean;
  item?: Item;
  items?: Item[];
  error?: { code: string; message: string };
}>;

/** Somebody who uses the controller from outside, with nothing but HTTP. */
export class User {
  readonly #url: string;
  readonly #query: string;
  /** Who it is: for the API, and for the workbenches. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param userId undefined: the token says it */
  constructor(url: string, userId: string | undefined, token?: string) {
    this.#url = url;
    this.#query = userId === undefined ? '' : `?user_id=${encodeURIComponent(userId)}`;
    this.headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}${this.#query}`, {
      method,
      headers: { ...this.headers, ...headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as AnswerBody };
  }

  async create(name?: string): Promise<Item> {
    const key = { 'Idempotency-Key': randomUUID() };
    const wish = name ? { workbench_name: name } : undefined;
    const { status, body } = await untilServed(() => this.call('POST', '/workbenches', wish, key));
    if (status !== 201 || !body.item) throw new Error(`create: ${status} ${JSON.stringify(body)}`);
    return body.item;
  }

  async status(id: string): Promise<string> {
    const { status, body } = await this.call('GET', `/workbenches/${id}`);
    if (status === 404) return 'gone';
    if (!body.item) throw new Error(`get: ${status} ${JSON.stringify(body)}`);
    return body.item.status;
  }

  async command(id: string, command: 'start' | 'stop' | 'destroy'): Promise<void> {
    const { status, body } = await untilServed(() =>
      command === 'destroy'
        ? this.call('DELETE', `/workbenches/${id}`)
        : this.call('POST', `/workbenches/${id}/${command}`),
    );
    if (status !== 200) throw new Error(`${command}: ${status} ${JSON.stringify(body)}`);
  }

  /** Polls as a frontend does. */
  async reaches(id: string, wanted: string): Promise<void> {
    const seen: string[] = [];
    const look = async () => {
      const status = await this.status(id);
      if (seen.at(-1) !== status) seen.push(status);
      return status;
    };
    await eventually(look, (status) => status === wanted).catch((error: unknown) => {
      throw new Error(`it went ${seen.join(', ')}`, { cause: error });
    });
  }
}

/** The files of a workbench, through its public endpoint. */
export async function saveFile(item: Item, path: string, content: string, headers = {}): Promise<void> {
  await throughGateway(item, path, { method: 'PUT', body: content, headers });
}

export async function readFileOf(item: Item, path: string, headers = {}): Promise<string> {
  return await (await throughGateway(item, path, { headers })).text();
}

/** As a client does that is told to come back. */
async function untilServed<T extends Readonly<{ status: number }>>(call: () => Promise<T>): Promise<T> {
  return await eventually<T>(call, ({ status }) => status !== 503);
}

/** A task that ECS calls running may take a moment to listen: then the gateway asks to come again. */
async function throughGateway({ public_endpoint }: Item, path: string, request: RequestInit): Promise<Response> {
  const url = `${public_endpoint}/api/file?path=${encodeURIComponent(path)}`;
  const response = await untilServed(() => fetch(url, request));
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}
