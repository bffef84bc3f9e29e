import { isWorkbenchId } from '../../workbench/model/Workbench.ts';
import { isLoopbackName } from './authority.ts';

/** Where the workbenches are: each on a host of its own, or each below a path of one host. */
export type BaseUrl = Readonly<{ scheme: 'http' | 'https' /** `:8999`, or nothing. */; port: string }> &
  (
    | Readonly<{
        mode: 'subdomain' /** Of the host: what stands before the id, and after it. */;
        before: string;
        after: string;
      }>
    | Readonly<{ mode: 'path'; hostname: string /** Without a trailing slash. */; path: string }>
  );

/** As long as ids get: what is made of one has to fit into a label. */
const LONGEST_ID = 'a'.repeat(40);

/** Reads `WB_BASE_URL`. @returns what is wrong with it, as text */
export function parseBaseUrl(text: string): BaseUrl | string {
  const [, host = '', rest = ''] = /^[a-z]+:\/\/([^/?#]*)(.*)$/is.exec(text) ?? [];
  const placeholders = text.split('{wid}').length - 1;
  if (placeholders > 1 || (placeholders === 1 && !host.split('.')[0]?.includes('{wid}'))) {
    return 'may have {wid} once, in the first label of the host';
  }
  const filled = text.replace('{wid}', LONGEST_ID);
  if (!/^https?:\/\//i.test(text) || !URL.canParse(filled)) return 'must be an http or https URL';
  const url = new URL(filled);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? '' : `:${url.port}`;
  if (/[?#]/.test(text)) return 'must have neither query nor fragment';
  if (url.username || url.password) return 'must have no user or password';
  if (placeholders === 0) {
    return { scheme, port, mode: 'path', hostname: url.hostname, path: url.pathname.replace(/\/+$/, '') };
  }
  if (!/^\/?$/.test(rest)) return 'must have no path where {wid} is in the host';
  const [first = '', ...parents] = url.hostname.split('.');
  if (parents.length === 0 || parents.includes('')) return 'must have {wid} in the first of several labels';
  if (!/^[a-z0-9-]{1,63}$/.test(first)) return 'must leave room for 40 characters of {wid} in its label of at most 63';
  if (scheme === 'http' && !isLoopbackName(url.hostname)) {
    return 'must be https where {wid} is in the host: browsers keep its cookies nowhere else, but at *.localhost';
  }
  const [before = '', after = ''] = url.hostname.split(LONGEST_ID);
  return { scheme, port, mode: 'subdomain', before, after };
}

/** Whose own host that is, in subdomain mode. @param name lower case, without port */
export function workbenchAt(base: BaseUrl, name: string): string | undefined {
  if (base.mode === 'path' || !name.startsWith(base.before) || !name.endsWith(base.after)) return undefined;
  const workbenchId = name.slice(base.before.length, name.length - base.after.length);
  return isWorkbenchId(workbenchId) ? workbenchId : undefined;
}

/** The origin that a workbench's pages have. */
export function originOf(base: BaseUrl, workbenchId: string): string {
  const hostname = base.mode === 'path' ? base.hostname : `${base.before}${workbenchId}${base.after}`;
  return `${base.scheme}://${hostname}${base.port}`;
}

/** The path below which a workbench's pages are, without a trailing slash: `WORKBENCH_BASE_PATH`. */
export function basePathOf(base: BaseUrl, workbenchId: string): string {
  return base.mode === 'path' ? `${base.path}/${workbenchId}` : '';
}

/** `public_endpoint`. */
export function endpointOf(base: BaseUrl, workbenchId: string): string {
  return `${originOf(base, workbenchId)}${basePathOf(base, workbenchId)}`;
}
