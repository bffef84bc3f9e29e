import { AwsError } from '../awsError.ts';
import type { Arns } from './arns.ts';
import type { EcsDependencies } from './EcsDependencies.ts';
import type { StoredTaskDefinition } from './StoredTaskDefinition.ts';

/** Families of which nothing is left whose last revision is remembered: AWS counts on for ever. */
const mostGone = 10_000;

type Kept = Pick<EcsDependencies, 'taskDefinitions' | 'revisions'>;

/** The task definitions, with an index by family over whatever they are kept in. */
export class TaskDefinitions {
  /** Each family's revisions, oldest first. */
  readonly #families = new Map<string, StoredTaskDefinition[]>();
  readonly #kept: Kept;
  readonly #arns: Arns;

  constructor(kept: Kept, arns: Arns) {
    this.#kept = kept;
    this.#arns = arns;
    for (const definition of [...kept.taskDefinitions.values()].sort((a, b) => a.revision - b.revision)) {
      // The tasks that one deleted in an earlier run waited for are no more.
      if (definition.status === 'DELETE_IN_PROGRESS') kept.taskDefinitions.delete(definition.taskDefinitionArn);
      else this.#index(definition);
    }
  }

  all(): IterableIterator<StoredTaskDefinition> {
    return this.#kept.taskDefinitions.values();
  }

  families(): IterableIterator<[string, readonly StoredTaskDefinition[]]> {
    return this.#families.entries();
  }

  ofFamily(family: string): readonly StoredTaskDefinition[] {
    return this.#families.get(family) ?? [];
  }

  /** By family (then the latest ACTIVE revision), family:revision or ARN. */
  find(reference: string): StoredTaskDefinition | undefined {
    const { family, revision } = this.#arns.taskDefinitionReference(reference);
    if (revision !== undefined) return this.#kept.taskDefinitions.get(this.#arns.taskDefinition(family, revision));
    return this.ofFamily(family).findLast(({ status }) => status === 'ACTIVE');
  }

  /** @throws AwsError when the reference leaves the revision open */
  findRevision(reference: string): StoredTaskDefinition | undefined {
    if (this.#arns.taskDefinitionReference(reference).revision === undefined) {
      throw new AwsError('InvalidParameterException', 'Task definition revision must be specified.');
    }
    return this.find(reference);
  }

  /** Counts on from the family's last revision, even when that one is long gone. */
  nextRevision(family: string): number {
    const revision = (this.#kept.revisions.get(family) ?? 0) + 1;
    this.#kept.revisions.set(family, revision);
    return revision;
  }

  put(definition: StoredTaskDefinition): void {
    this.#kept.taskDefinitions.set(definition.taskDefinitionArn, definition);
    this.#index(definition);
  }

  remove({ family, taskDefinitionArn }: StoredTaskDefinition): void {
    this.#kept.taskDefinitions.delete(taskDefinitionArn);
    const others = this.ofFamily(family).filter((other) => other.taskDefinitionArn !== taskDefinitionArn);
    if (others.length > 0) this.#families.set(family, others);
    else {
      this.#families.delete(family);
      this.#forgetGone();
    }
  }

  #forgetGone(): void {
    const { revisions } = this.#kept;
    if (revisions.size - this.#families.size <= mostGone) return;
    for (const family of revisions.keys()) {
      if (this.#families.has(family)) continue;
      revisions.delete(family);
      return;
    }
  }

  #index(definition: StoredTaskDefinition): void {
    const revisions = this.#families.get(definition.family) ?? [];
    const place = revisions.findIndex(({ revision }) => revision === definition.revision);
    if (place === -1) revisions.push(definition);
    else revisions[place] = definition;
    this.#families.set(definition.family, revisions);
  }
}
