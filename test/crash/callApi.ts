import { request } from 'node:http';

export type Item = Readonly<{
  workbench_id: string;
  workbench_name: string;
  requested_cpu: number;
  status: string;
  stopped_reason?: Readonly<{ code: string; message: string }>;
}>;

export type Answer = Readonly<{
  status: number;
  body: Readonly<{ success: boolean; item?: Item; items?: readonly Item[]; error?: Readonly<{ code: string }> }>;
}>;

export type Call = Readonly<{
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}>;

/** @returns undefined if the server went away before it had answered in full */
export async function callApi(url: string, { method, path, headers = {}, body }: Call): Promise<Answer | undefined> {
  return await new Promise((resolve) => {
    const call = request(
      new URL(path, url),
      { method, headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers }, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', () => resolve(undefined));
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          const json = response.headers['content-type']?.startsWith('application/json');
          const told = json ? (JSON.parse(text) as Answer['body']) : { success: true };
          resolve({ status: response.statusCode ?? 0, body: told });
        });
      },
    );
    call.on('error', () => resolve(undefined));
    call.end(body && JSON.stringify(body));
  });
}
