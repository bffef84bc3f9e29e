import type { Clock } from '../lib/clock.ts';
import { InputError } from '../lib/errors.ts';
import type { KeyedMutex } from '../lib/KeyedMutex.ts';
import type { WorkbenchReader } from './cache/WorkbenchReader.ts';
import type { CreateRequest, Creator } from './commands/Creator.ts';
import type { Destroyer } from './commands/Destroyer.ts';
import type { Starter } from './commands/Starter.ts';
import type { Stopper } from './commands/Stopper.ts';
import { takesLong } from './model/errors.ts';
import { isFargateSize, type Size, wrongSizeMessage } from './model/fargateSizes.ts';
import type { WorkbenchView } from './model/WorkbenchView.ts';
import type { Pace } from './Pace.ts';

/**
 * What users do with their workbenches. In this process the operations on one workbench follow each other;
 * between processes the record and ECS's tokens keep order.
 * Every method throws NotFoundError for another user's workbench, and UnavailableError when AWS doesn't answer.
 */
export class WorkbenchService {
  readonly #creator: Creator;
  readonly #starter: Starter;
  readonly #stopper: Stopper;
  readonly #destroyer: Destroyer;
  readonly #reader: WorkbenchReader;
  readonly #mutex: KeyedMutex;
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #defaultSize: Size;

  constructor(
    dependencies: Readonly<{
      creator: Creator;
      starter: Starter;
      stopper: Stopper;
      destroyer: Destroyer;
      reader: WorkbenchReader;
      mutex: KeyedMutex;
      clock: Clock;
      pace: Pace;
      defaultSize: Size;
    }>,
  ) {
    this.#creator = dependencies.creator;
    this.#starter = dependencies.starter;
    this.#stopper = dependencies.stopper;
    this.#destroyer = dependencies.destroyer;
    this.#reader = dependencies.reader;
    this.#mutex = dependencies.mutex;
    this.#clock = dependencies.clock;
    this.#pace = dependencies.pace;
    this.#defaultSize = dependencies.defaultSize;
  }

  async list(userId: string): Promise<readonly WorkbenchView[]> {
    return await this.#reader.listOf(userId);
  }

  async get(userId: string, id: string): Promise<WorkbenchView> {
    return await this.#reader.get(userId, id);
  }

  /** @throws InputError for a size that Fargate doesn't have, KeyReusedError */
  async create(request: CreateRequest): Promise<WorkbenchView> {
    const size = { cpu: request.cpu ?? this.#defaultSize.cpu, memory: request.memory ?? this.#defaultSize.memory };
    if (!isFargateSize(size)) {
      const field = request.cpu === undefined ? 'requested_memory' : 'requested_cpu';
      const both = request.cpu !== undefined && request.memory !== undefined;
      throw new InputError([
        { field: both ? 'requested_cpu, requested_memory' : field, message: wrongSizeMessage(size) },
      ]);
    }
    return await this.#inTime(async (late) => {
      const { workbench, task } = await this.#creator.create(request, size, late);
      // Of a repeated create, the workbench may have come further since.
      const created = this.#reader.viewWith(workbench, task);
      return task || !workbench.request
        ? created
        : await this.#reader.get(request.userId, workbench.id).catch(() => created);
    });
  }

  /** Does nothing if the workbench is running or on its way. @throws ConflictError while it goes down */
  async start(userId: string, id: string): Promise<WorkbenchView> {
    return await this.#inTime(async () => {
      await this.#reader.ownedBy(userId, id);
      const { workbench, task } = await this.#mutex.share(id, 'start', () => this.#starter.start(id));
      return this.#reader.viewWith(workbench, task);
    });
  }

  /** Does nothing if the workbench is stopped. @throws ConflictError once it is being destroyed */
  async stop(userId: string, id: string): Promise<WorkbenchView> {
    return await this.#inTime(async () => {
      await this.#reader.ownedBy(userId, id);
      await this.#mutex.share(id, 'stop', () => this.#stopper.stop(id));
      return await this.#reader.get(userId, id);
    });
  }

  /** Accepts in every state; what there is goes on in the background until all data are gone. */
  async destroy(userId: string, id: string): Promise<WorkbenchView> {
    return await this.#inTime(async () => {
      const workbench = await this.#reader.ownedBy(userId, id);
      await this.#mutex.share(id, 'destroy', () => this.#destroyer.intend(id));
      void this.#destroyer.resume(id);
      return this.#reader.viewWith({ ...workbench, destroy: workbench.destroy ?? { step: 'requested' } }, undefined);
    });
  }

  /** Everything that a write does counts, not least finding out whose workbench it is. */
  async #inTime<T>(operate: (late: AbortSignal) => Promise<T>): Promise<T> {
    const lateness = new AbortController();
    const operation = operate(lateness.signal);
    const timer = new AbortController();
    const late = this.#clock.sleep(this.#pace.answerWithinMs, timer.signal).then(() => {
      lateness.abort();
      throw takesLong();
    });
    try {
      return await Promise.race([operation, late]);
    } finally {
      timer.abort();
      late.catch(() => undefined);
      operation.catch(() => undefined);
    }
  }
}
