import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files below a folder that hold this text. */
export async function findText(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // A file may go between the listing and the reading.
    if (entry.isFile() && (await readFile(path, 'utf8').catch(() => '')).includes(text)) found.push(path);
  }
  return found;
}
