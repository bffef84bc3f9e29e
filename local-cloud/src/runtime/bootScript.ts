import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the image runs by default. Here there is no image, so a script of ours stands in for it. */
const imageScript = '/app.sh';

/** Alone, not as part of a longer path or name. */
const asWholePath = /(?<![\w./-])\/app\.sh(?![\w./-])/g;

/** Rewrites a command, so that it starts the default web workbench where it would start the image's own. */
export type BootScript = (argv: readonly string[]) => string[];

/** Writes the stand-in, unless this host has the real one. */
export async function createBootScript(folder: string, nodePath: string, workbenchScript: string): Promise<BootScript> {
  if (existsSync(imageScript)) return (argv) => (argv.length === 0 ? [imageScript] : [...argv]);
  const path = join(folder, 'app.sh');
  await mkdir(folder, { recursive: true });
  await writeFile(path, `#!/bin/sh\nexec ${quoted(nodePath)} ${quoted(workbenchScript)} "$@"\n`);
  await chmod(path, 0o755);
  const withinText = /^[\w./-]+$/.test(path) ? path : quoted(path);
  return (argv) =>
    argv.length === 0
      ? [path]
      : argv.map((part) => (part === imageScript ? path : part.replaceAll(asWholePath, () => withinText)));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
