import { isWorkbenchId } from '../../workbench/model/Workbench.ts';
import { nextPath } from '../entry/nextPath.ts';

/** A browser that has set out from a workbench, and is to come back to it. */
export type Way = Readonly<{
  workbenchId: string;
  /** Of the nonce that it holds there. */
  hash: string;
  /** Where it wants to go at the workbench. */
  next: string;
}>;

/** It travels in a cookie while the browser is at the provider, and browsers keep none above 4 KB. */
const LONGEST_NEXT = 1_500;
const FOLDER = '/auth/enter/';

/** The way as a path below the controller's root. */
export function enterPath({ workbenchId, hash, next }: Way): string {
  return `${FOLDER}${workbenchId}?${new URLSearchParams({ n: hash, next: next.length > LONGEST_NEXT ? '/' : next })}`;
}

/** Undefined for whatever is no such path. */
export function parseEnterPath(path: string): Way | undefined {
  if (!path.startsWith(FOLDER)) return undefined;
  const [workbenchId = '', query = ''] = path.slice(FOLDER.length).split('?', 2);
  const parameters = new URLSearchParams(query);
  const hash = parameters.get('n') ?? '';
  // As base64url writes a SHA-256.
  if (!isWorkbenchId(workbenchId) || !/^[\w-]{43}$/.test(hash)) return undefined;
  return { workbenchId, hash, next: nextPath(parameters.get('next')) };
}
