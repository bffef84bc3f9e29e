/** A failure that the caller of the API is told about: status and a message that says what to do. */
export class RequestError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {ErrorOptions & { headers?: Record<string, string> }} [options]
   */
  constructor(status, message, options = {}) {
    super(message, options);
    this.name = 'RequestError';
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/** @type {Readonly<Record<string, [number, string]>>} */
const FILE_SYSTEM_ERRORS = {
  ENOENT: [404, 'There is no such file or folder.'],
  ENOTDIR: [404, 'There is no such file or folder: a part of the path is a file.'],
  ELOOP: [403, 'This link leads in a circle.'],
  EACCES: [403, 'The workbench may not do that with this file: its permissions forbid it.'],
  EPERM: [403, 'The workbench may not do that with this file: its permissions forbid it.'],
  EROFS: [403, 'The workspace is read-only.'],
  EEXIST: [409, 'There is already a file or folder of this name.'],
  EISDIR: [409, 'This is a folder.'],
  ENOTEMPTY: [409, 'The folder changed while it was being deleted. Try again.'],
  ENAMETOOLONG: [400, 'The name is too long.'],
  EINVAL: [400, 'The file system does not take this name.'],
  ENOSPC: [507, 'There is no space left in the workspace. Delete something and try again.'],
  EDQUOT: [507, 'The quota of the workspace is used up. Delete something and try again.'],
};

/**
 * The failure as the caller should see it; undefined if it is none of theirs.
 *
 * @param {unknown} error
 * @returns {RequestError | undefined}
 */
export function toRequestError(error) {
  if (error instanceof RequestError) return error;
  const known = FILE_SYSTEM_ERRORS[errorCode(error) ?? ''];
  return known && new RequestError(known[0], known[1], { cause: error });
}

/** @param {unknown} error @returns {string | undefined} */
export function errorCode(error) {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
