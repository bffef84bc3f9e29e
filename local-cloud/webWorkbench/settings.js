import { resolve } from 'node:path';

const GIB = 1024 ** 3;

/**
 * @typedef {object} Settings
 * @property {number} port 0 takes any free port
 * @property {string} host
 * @property {string} basePath without a trailing slash; empty at the root
 * @property {string} workspacePath
 * @property {number} maxFileBytes the largest file that can be saved or uploaded
 * @property {{ id: string, name: string, userId: string }} workbench
 */

/**
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {string} currentFolder
 * @returns {Settings | { faults: string[] }}
 */
export function readSettings(environment, currentFolder) {
  /** @type {string[]} */
  const faults = [];

  /** @param {string} name @param {number} fallback @param {number} max */
  const wholeNumber = (name, fallback, max) => {
    const text = environment[name] || String(fallback);
    if (/^\d{1,15}$/.test(text) && Number(text) <= max) return Number(text);
    faults.push(`${name} must be a whole number from 0 to ${max}, not ${JSON.stringify(text)}.`);
    return fallback;
  };

  const settings = {
    port: wholeNumber('PORT', 3000, 65_535),
    host: environment['HOST'] || '0.0.0.0',
    basePath: basePath(environment['WORKBENCH_BASE_PATH'] ?? ''),
    workspacePath: resolve(currentFolder, environment['WORKSPACE_PATH'] || '.'),
    maxFileBytes: wholeNumber('WORKBENCH_MAX_FILE_BYTES', GIB, Number.MAX_SAFE_INTEGER),
    workbench: {
      id: environment['WORKBENCH_ID'] ?? '',
      name: environment['WORKBENCH_NAME'] || 'Workbench',
      userId: environment['WORKBENCH_USER_ID'] ?? '',
    },
  };
  return faults.length > 0 ? { faults } : settings;
}

/** @param {string} path */
function basePath(path) {
  const inner = path.split('/').filter(Boolean).join('/');
  return inner && `/${inner}`;
}
