import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Replica, ReplicaSource } from './controllers.ts';

const program = fileURLToPath(new URL('./controllerProcess.js', import.meta.url));

type Message = Readonly<{ warm?: true; url?: string; ended?: true }>;

/** Replicas that are processes and die by SIGKILL. A few wait warmed up, so that a kill costs no start of node. */
export function childProcessReplicas(spares: number): ReplicaSource {
  const warm: Promise<ChildProcess>[] = [];
  const all = new Set<ChildProcess>();

  async function spawn(): Promise<ChildProcess> {
    const child = fork(program, { execArgv: ['--no-warnings'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    all.add(child);
    child.on('exit', () => all.delete(child));
    // Killed in the middle of a message.
    child.on('error', () => undefined);
    await heard(child, (message) => message.warm);
    return child;
  }

  function take(): Promise<ChildProcess> {
    while (warm.length <= spares) warm.push(spawn());
    return warm.shift() ?? spawn();
  }

  return {
    async start(cloudUrl): Promise<Replica> {
      const child = await take();
      const url = heard(child, (message) => message.url);
      child.send({ serve: cloudUrl });
      return {
        url: await url,
        kill: () => void child.kill('SIGKILL'),
        async close() {
          const ended = heard(child, (message) => message.ended);
          child.send({ end: true });
          await ended;
          // As good as new.
          warm.push(Promise.resolve(child));
        },
      };
    },
    async close() {
      await Promise.all(warm);
      for (const child of all) child.kill('SIGKILL');
    },
  };
}

async function heard<T>(child: ChildProcess, pick: (message: Message) => T | undefined): Promise<T> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Message];
    const value = pick(message);
    if (value !== undefined) return value;
  }
}
