import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { CallCounts } from '@workbench/local-cloud';
import type { Timing } from '@workbench/local-cloud/timing';
import { AwsHttp } from './awsHttp.ts';
import { Child } from './Child.ts';
import type { CloudFacts } from './CloudFacts.ts';
import { Seeder } from './seed.ts';

/** What every row wants at the end of its preparations: calls that take as long as AWS's. */
export const AWS_LATENCY_MS = 30;

/** A local cloud in a process of its own, and the means to fill it. */
export class Cloud {
  readonly facts: CloudFacts;
  readonly aws: AwsHttp;
  readonly seeder: Seeder;
  readonly directory: string;
  readonly child: Child;

  private constructor(child: Child, facts: CloudFacts, directory: string) {
    this.child = child;
    this.facts = facts;
    this.directory = directory;
    this.aws = new AwsHttp(facts.url);
    this.seeder = new Seeder(this.aws, facts);
  }

  /** @param tasks what a task is: nothing but an entry, or a process as on a developer's machine */
  static async start(tasks: 'idle' | 'processes' = 'idle'): Promise<Cloud> {
    const directory = mkdtempSync(join(tmpdir(), 'workbench-bench-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    const environment = { BENCH_DIR: join(directory, 'cloud'), BENCH_TASKS: tasks };
    const child = new Child('processes/cloud.js', { environment });
    return new Cloud(child, await child.ask('describe'), directory);
  }

  /** Seeding is quicker without AWS's latency, and impossible with its rates. */
  async timing(timing: Partial<Timing>): Promise<void> {
    await this.child.ask('timing', timing);
  }

  async calls(): Promise<CallCounts> {
    return await this.child.ask('calls');
  }

  async clearCalls(): Promise<void> {
    await this.child.ask('clearCalls');
  }

  async end(): Promise<void> {
    this.aws.close();
    await this.child.end();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
