import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Timings } from '../../src/lib/timings.ts';

const entry = fileURLToPath(new URL('./controller.mjs', import.meta.url));

/** A controller that can be killed at any moment, as a machine is. */
export class ControllerProcess {
  /** Tells its AWS calls from those of others. */
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #url = '';

  /** Loads its code; does nothing until it is started. */
  constructor(name: string, build: string) {
    this.name = name;
    this.#child = spawn(process.execPath, [entry, build], {
      env: {
        PATH: process.env['PATH'],
        NODE_NO_WARNINGS: '1',
        AWS_SDK_UA_APP_ID: name,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exited = once(this.#child, 'exit');
    // It may be gone before it has read everything.
    this.#child.stdin?.on('error', () => undefined);
  }

  get url(): string {
    return this.#url;
  }

  async start(environment: Readonly<Record<string, string>>, pace: Partial<Timings>): Promise<void> {
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error('The controller has no pipes');
    stdin.write(`${JSON.stringify({ environment, pace })}\n`);
    const lines = createInterface({ input: stdout });
    const port = await Promise.race([once(lines, 'line').then(([line]) => Number(line)), this.#exited]);
    if (typeof port !== 'number') throw new Error('The controller ended before it was up');
    this.#url = `http://127.0.0.1:${port}`;
  }

  /** SIGKILL: not a line of its code runs any more when this resolves. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
