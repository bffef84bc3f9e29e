import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';

type Process = Readonly<{ pid: number; group: number; state: string }>;

/** The processes of these groups that live; one that has ended and that nobody waited for does not. */
export async function livingIn(groups: readonly number[]): Promise<readonly number[]> {
  const wanted = new Set(groups);
  const all = process.platform === 'linux' ? await fromProc() : await fromPs();
  return all.filter(({ group, state }) => wanted.has(group) && !/^[ZX]/.test(state)).map(({ pid }) => pid);
}

async function fromProc(): Promise<Process[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat) => {
    // The second field, the program's name, may hold spaces and parentheses: count from its end.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state && group ? [{ pid: Number.parseInt(stat, 10), group: Number(group), state }] : [];
  });
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,pgid=,stat=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid, group, state] = line.trim().split(/\s+/);
    return pid && group && state ? [{ pid: Number(pid), group: Number(group), state }] : [];
  });
}
