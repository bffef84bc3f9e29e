import { remember } from '../../lib/remember.ts';
import { isOurCookie } from '../cookies/cookieNames.ts';
import { cookieFromTask } from './cookieFromTask.ts';

/** They act on the whole site, on siblings, or on the proxy in front of us: never a workbench's to say. */
const never: ReadonlySet<string> = new Set([
  'clear-site-data',
  'strict-transport-security',
  'public-key-pins',
  'alt-svc',
  'nel',
  'x-accel-redirect',
  'x-sendfile',
  'x-lighttpd-send-file',
  'surrogate-control',
  'cdn-cache-control',
]);

/** What is looked through, and changed, in an answer's own headers. */
const inHeadersAlone: ReadonlySet<string> = new Set(['set-cookie', 'service-worker-allowed']);

/** Whether a task may say that in hints before its answer, or in trailers after it. @param name in lower case */
export function mayStandApart(name: string): boolean {
  return !isForbidden(name) && !inHeadersAlone.has(name);
}

export type AnswerRules = Readonly<{
  /** The path below which this workbench is, in path mode; empty where it has its host for itself. */
  prefix: string;
  /** Who may embed it beside itself (`WB_FRAME_ANCESTORS`). */
  frameAncestors: readonly string[];
}>;

/**
 * What a browser gets of a task's answer: on errors, 304 and refused upgrades too. The rest stays as it was, duplicates
 * included.
 *
 * @param raw node's flat list: names and values in turn
 */
export function headersFromTask(raw: readonly string[], { prefix, frameAncestors }: AnswerRules): string[] {
  const passed: string[] = [];
  const caching: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [spelled = '', value = ''] = [raw[index], raw[index + 1]];
    const name = spelled.toLowerCase();
    if (isForbidden(name)) continue;
    if (name === 'service-worker-allowed' && !isBelow(value, prefix)) continue;
    if (name === 'cache-control') {
      caching.push(value);
      continue;
    }
    const kept = name === 'set-cookie' ? cookieFromTask(value, prefix, isOurCookie) : value;
    if (kept !== undefined) passed.push(spelled, kept);
  }
  passed.push('Cache-Control', neverShared(caching.join(', ')));
  // Beside the application's own policy, if it has one: browsers then hold to both.
  passed.push('Content-Security-Policy', `frame-ancestors ${["'self'", ...frameAncestors].join(' ')}`);
  return passed;
}

function isForbidden(name: string): boolean {
  return never.has(name) || name.endsWith('-cdn-cache-control');
}

/** Without `private`, a cache in front may keep an answer for everybody that a cookie let one person see. */
const neverShared = remember((caching) => {
  const directives = caching.split(',').flatMap((directive) => directive.trim() || []);
  const kept = directives.filter((directive) => !/^(?:public|s-maxage|proxy-revalidate)(?:\s*=|$)/i.test(directive));
  const has = kept.some((directive) => /^(?:private|no-store)$/i.test(directive));
  return (has ? kept : ['private', ...kept]).join(', ');
});

function isBelow(path: string, prefix: string): boolean {
  if (prefix === '') return true;
  if (!URL.canParse(path, 'http://task.invalid')) return false;
  return new URL(path, 'http://task.invalid').pathname.startsWith(`${prefix}/`);
}
