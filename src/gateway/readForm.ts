import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 16 * 1024;

/** What a form of ours sends. Undefined: it is larger than any of them. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not by iteration: leaving that would end the connection before it is answered.
  return await new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) resolve(undefined);
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(new URLSearchParams(Buffer.concat(chunks).toString())));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The client has left')));
  });
}
