import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill, pid } from 'node:process';

type Holder = Readonly<{ pid: number; startedAt: string | undefined }>;

/**
 * Keeps two local clouds out of one directory: a file with the id of the process that uses it. Left behind by a process
 * that was killed, it is taken over.
 */
export class DirectoryLock {
  readonly #file: string;
  #held = true;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws Error if a live process holds the directory, this one included */
  static acquire(directory: string): DirectoryLock {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'lock');
    const claim = join(directory, `lock.${pid}`);
    writeFileSync(claim, JSON.stringify({ pid, startedAt: startOf(pid) }));
    try {
      // A link appears with its content or not at all, and never in place of another: nobody reads half a lock.
      while (!link(claim, file)) clearStale(file, `${claim}.stale`, directory);
    } finally {
      rmSync(claim, { force: true });
    }
    return new DirectoryLock(file);
  }

  /** Once is enough: by the second time the lock may be another's. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    rmSync(this.#file, { force: true });
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @throws Error if the holder is alive */
function clearStale(file: string, aside: string, directory: string): void {
  const text = read(file);
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder !== undefined && isAlive(holder)) {
    throw new Error(
      `${directory} is in use by another local cloud (process ${holder.pid}). Stop that one, or choose another directory.`,
    );
  }
  try {
    renameSync(file, aside);
  } catch (error) {
    // Another process was quicker to clear it.
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  // Between the reading and the renaming another process may have taken over: then what was moved is its lock.
  if (read(aside) !== text) link(aside, file);
  rmSync(aside, { force: true });
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number')
      return undefined;
    const startedAt = 'startedAt' in value && typeof value.startedAt === 'string' ? value.startedAt : undefined;
    return { pid: value.pid, startedAt };
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (codeOf(error) !== 'EPERM') return false;
  }
  // In a container that starts anew the ids are the old ones: a process that began at another time is another process.
  return startOf(holder.pid) === holder.startedAt;
}

/** When a process began, in the kernel's own count; undefined where there is no /proc. */
function startOf(processId: number): string | undefined {
  const stat = read(`/proc/${processId}/stat`);
  // The second field, the program's name, may hold spaces and parentheses: count from its end.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
