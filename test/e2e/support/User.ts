import { until } from './until.ts';

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
  readonly #headers: Record<string, string>;

  /** @param userId undefined: the token says it */
  constructor(url: string, userId: string | undefined, token?: string) {
    this.#url = url;
    this.#query = userId === undefined ? '' : `?user_id=${encodeURIComponent(userId)}`;
    this.#headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  async call(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}${this.#query}`, {
      method,
      headers: { ...this.#headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as AnswerBody };
  }

  async create(name?: string): Promise<Item> {
    const { status, body } = await this.call('POST', '/workbenches', name ? { workbench_name: name } : undefined);
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
    const { status, body } =
      command === 'destroy'
        ? await this.call('DELETE', `/workbenches/${id}`)
        : await this.call('POST', `/workbenches/${id}/${command}`);
    if (status !== 200) throw new Error(`${command}: ${status} ${JSON.stringify(body)}`);
  }

  /** Polls as a frontend does. */
  async reaches(id: string, wanted: string): Promise<void> {
    const seen: string[] = [];
    await until(`${id} is ${wanted}`, async () => {
      const status = await this.status(id);
      if (seen.at(-1) !== status) seen.push(status);
      return status === wanted;
    }).catch((error: unknown) => {
      throw new Error(`it went ${seen.join(', ')}`, { cause: error });
    });
  }
}

/** The files of a workbench, through its public endpoint. */
export async function saveFile(item: Item, path: string, content: string): Promise<void> {
  await throughGateway(item, path, { method: 'PUT', body: content });
}

export async function readFileOf(item: Item, path: string): Promise<string> {
  return await (await throughGateway(item, path, {})).text();
}

/** A task that ECS calls running may take a moment to listen: then the gateway asks to come again. */
async function throughGateway({ public_endpoint }: Item, path: string, request: RequestInit): Promise<Response> {
  const url = `${public_endpoint}/api/file?path=${encodeURIComponent(path)}`;
  const response = await until(`${path} is answered`, async () => {
    const answer = await fetch(url, request);
    return answer.status === 503 ? undefined : answer;
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}
