import process from 'node:process';

/** What a parent asks of a child process, and the child's answer. */
export type Question = Readonly<{ question: number; command: string; input: unknown }>;
export type Answer = Readonly<{ answer: number; output?: unknown; error?: string }>;

// biome-ignore lint/suspicious/noExplicitAny: what goes through a channel has lost its type; each pair of ends agrees on it.
export type Handlers = Readonly<Record<string, (input: any) => unknown>>;

export type Usage = Readonly<{
  /** User and system time since the process began. */
  cpuMs: number;
  rssBytes: number;
  heapBytes: number;
}>;

const known = new Map<string, (input: unknown) => unknown>();
/** Questions that came while the program that answers them was still being loaded. */
const early: Question[] = [];
let listening = false;

/** Answers the parent's questions; ends with the parent, whatever that died of. */
export function answerParent(handlers: Handlers): void {
  for (const [command, handler] of Object.entries(handlers)) known.set(command, handler);
  for (const question of early.splice(0)) take(question);
  if (listening) return;
  listening = true;
  process.on('message', take);
  process.on('disconnect', () => process.exit());
}

function take(question: Question): void {
  const handler = known.get(question.command);
  if (handler) void answer(question, handler);
  else early.push(question);
}

async function answer({ question, input }: Question, handler: (input: unknown) => unknown): Promise<void> {
  try {
    process.send?.({ answer: question, output: await handler(input) } satisfies Answer);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ answer: question, error: text } satisfies Answer);
  }
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpuMs: (user + system) / 1000, rssBytes: rss, heapBytes: heapUsed };
}
