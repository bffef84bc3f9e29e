import { createServer } from 'node:net';

/** Hands out loopback ports that nobody listens on. Between the handing out and the listening, others might take one. */
export type FreePorts = Readonly<{ take(): Promise<number>; giveBack(ports: readonly number[]): void }>;

export function createFreePorts(): FreePorts {
  // A task takes a while to listen: until it has ended, its port is not for another task.
  const taken = new Set<number>();
  return {
    async take() {
      for (;;) {
        const port = await unusedPort();
        if (taken.has(port)) continue;
        taken.add(port);
        return port;
      }
    },
    giveBack(ports) {
      for (const port of ports) taken.delete(port);
    },
  };
}

function unusedPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('The system gave no port'));
        else resolve(address.port);
      });
    });
  });
}
