import { setTimeout as sleep } from 'node:timers/promises';

type Watched = Readonly<{ stdout(): string; stderr(): string; exited: Promise<unknown> }>;

/**
 * Asks until the answer is something. @throws Error saying what was waited for, with what the server printed; also as
 * soon as the server has exited
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  options: Readonly<{ server?: Watched; withinMs?: number }> = {},
): Promise<NonNullable<T> & (T extends false ? never : unknown)> {
  const { server, withinMs = 20_000 } = options;
  const deadline = performance.now() + withinMs;
  let gone = false;
  server?.exited.then(() => {
    gone = true;
  });
  for (;;) {
    const over = gone || performance.now() > deadline;
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer as never;
    if (over) {
      const why = gone ? 'the server has exited' : `not within ${withinMs} ms`;
      throw new Error(`${what}: ${why}\n${server?.stdout() ?? ''}\n${server?.stderr() ?? ''}`);
    }
    await sleep(25);
  }
}
