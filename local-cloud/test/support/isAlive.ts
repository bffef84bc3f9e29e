import { readFile } from 'node:fs/promises';
import process from 'node:process';

/** A zombie that nobody reaps is as good as gone. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    return state === undefined || !/\) [ZX]/.test(state);
  } catch {
    return false;
  }
}
