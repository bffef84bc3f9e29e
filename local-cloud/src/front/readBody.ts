import type { IncomingMessage } from 'node:http';

const maximumBytes = 4 * 1024 * 1024;

/** @returns undefined if the body is over 4 MiB; what is left of it is read and dropped so that an answer gets through */
export function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maximumBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => resolve(size > maximumBytes ? undefined : Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    // Without this a client that leaves in the middle would leave us waiting for ever.
    request.on('close', () => reject(new Error('The client left before its request was complete')));
  });
}
