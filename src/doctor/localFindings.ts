import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { containerEngine } from '../localCloud.ts';
import { type Finding, failed, ok } from './Finding.ts';

/** What a local cloud of the controller's own needs of this machine. */
export async function localFindings({ localDirectory, localRuntime }: Config): Promise<Finding[]> {
  return [
    await directoryFinding(resolve(localDirectory)),
    ...(localRuntime === 'docker' ? [await engineFinding()] : []),
  ];
}

async function directoryFinding(directory: string): Promise<Finding> {
  const { R_OK, W_OK, X_OK } = constants;
  for (let folder = directory; ; folder = dirname(folder)) {
    const code = await access(folder, R_OK | W_OK | X_OK).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? 'unknown',
    );
    if (code === undefined)
      return ok('local folder', `${directory} ${folder === directory ? 'can be' : 'can be made and'} written to`);
    // What doesn't exist is made, in the first folder above it that does.
    if (code === 'ENOENT' && folder !== dirname(folder)) continue;
    return failed('local folder', `${folder} cannot be written to (${code})`, 'Set WB_LOCAL_DIR to a folder of yours');
  }
}

async function engineFinding(): Promise<Finding> {
  try {
    const { name, cpus } = await containerEngine();
    return ok('containers', `${name} answers, with ${cpus} processors`);
  } catch (error) {
    const [message = '', ...remedy] = (error instanceof Error ? error.message : String(error)).split('. ');
    return failed('containers', message, remedy.join('. ').replace(/\.$/, ''));
  }
}
