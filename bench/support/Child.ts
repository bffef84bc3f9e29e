import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Pauses } from '../processes/probe.ts';
import type { Answer, Question, Usage } from './ipc.ts';

const running = new Set<ChildProcess>();

/** However the bench ends, its children end. */
export function endChildrenWithThisProcess(): void {
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
}

export type ChildOptions = Readonly<{
  environment?: Readonly<Record<string, string>>;
  cwd?: string;
  nodeOptions?: readonly string[];
}>;

const probe = new URL('../processes/probe.js', import.meta.url);

/** A process of the bench, which answers questions. */
export class Child {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<
    number,
    Readonly<{ resolve: (output: unknown) => void; reject: (error: Error) => void }>
  >();
  readonly #name: string;
  #questions = 0;
  /** The standard output, line by line, for whoever looks for something in it. */
  onLine: (line: string) => void = () => {};

  /** @param program relative to the folder of the built bench */
  constructor(program: string, { environment = {}, cwd, nodeOptions = [] }: ChildOptions = {}) {
    const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
    this.#name = program;
    this.#process = fork(path, [], {
      execArgv: ['--expose-gc', '--import', probe.href, ...nodeOptions],
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...environment },
      ...(cwd ? { cwd } : {}),
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      // Structured clones, which know big arrays.
      serialization: 'advanced',
    });
    running.add(this.#process);
    this.#process.on('message', (message: Answer) => this.#take(message));
    this.#process.once('exit', (code, signal) => {
      running.delete(this.#process);
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${this.#name} ended (${signal ?? code}) before it answered`));
      }
    });
    let rest = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.onLine(line);
    });
  }

  async ask<T>(command: string, input?: unknown): Promise<T> {
    this.#questions += 1;
    const question = this.#questions;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(question, { resolve, reject }));
    this.#process.send({ question, command, input } satisfies Question);
    return (await answered) as T;
  }

  async usage(): Promise<Usage> {
    return await this.ask('usage');
  }

  async pauses(): Promise<Pauses> {
    return await this.ask('pauses');
  }

  /** At once, without a goodbye. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }

  #take({ answer, output, error }: Answer): void {
    const waiting = this.#waiting.get(answer);
    this.#waiting.delete(answer);
    if (error === undefined) waiting?.resolve(output);
    else waiting?.reject(new Error(`${this.#name}: ${error}`));
  }
}
