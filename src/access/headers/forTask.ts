import { remember } from '../../lib/remember.ts';
import { isOurCookie } from '../cookies/cookieNames.ts';
import { withoutCookies } from '../cookies/readCookies.ts';

/** What login proxies in front of us tell the application behind them: it is not for whoever runs a workbench. */
const ofLoginProxies =
  /^(?:x-amzn-oidc-.*|x-auth-request-.*|x-forwarded-(?:access-token|user|email|groups|preferred-username)|x-workbench-.*|remote-(?:user|groups|email|name))$/;
const ofProxies = /^(?:forwarded|x-real-ip|x-original-.*|x-forwarded-.*)$/;
const cookiesOfLoginProxies = /^(?:AWSELBAuthSessionCookie-.*|_oauth2_proxy.*)$/;

export type TaskHeaderRules = Readonly<{
  userId: string | undefined;
  stripAuthorization: boolean;
  /** The address at the other end of the connection. */
  peer: string;
  /** Whether that is a proxy whose word counts (`WB_TRUSTED_PROXIES`). */
  trusted: boolean;
  /** What browsers see, from `WB_BASE_URL`: never from a stranger. */
  seen: Readonly<{ scheme: string; host: string; prefix: string }>;
}>;

/**
 * What a task gets to see of a request's headers. The rest stays byte for byte, duplicates included.
 *
 * @param raw node's flat list: names and values in turn
 */
export function headersForTask(raw: readonly string[], rules: TaskHeaderRules): string[] {
  const passed: string[] = [];
  const forwardedFor: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [spelled = '', value = ''] = [raw[index], raw[index + 1]];
    const kind = kindOf(spelled);
    if (kind === 'never' || (kind === 'authorization' && rules.stripAuthorization)) continue;
    if (kind === 'forwardedFor') {
      if (rules.trusted) forwardedFor.push(value);
      continue;
    }
    const kept = kind === 'cookie' ? cookieForTask(value) : value;
    if (kept !== undefined) passed.push(spelled, kept);
  }
  const { scheme, host, prefix } = rules.seen;
  passed.push('X-Forwarded-For', [...forwardedFor, rules.peer].join(', '));
  passed.push('X-Forwarded-Proto', scheme, 'X-Forwarded-Host', host);
  if (prefix !== '') passed.push('X-Forwarded-Prefix', prefix);
  if (rules.userId !== undefined) passed.push('X-Workbench-User', rules.userId);
  return passed;
}

/** A Cookie header without ours and login proxies'; undefined if nothing is left. */
export const cookieForTask = remember((cookie) => withoutCookies(cookie, isNoneOfTheTasks));

type Kind = 'passes' | 'never' | 'forwardedFor' | 'authorization' | 'cookie';

// CGI and WSGI applications can't tell `X_Forwarded_User` from the real one (CVE-2025-64484).
const kindOf = remember((spelled) => kindOfName(spelled.toLowerCase().replaceAll('_', '-')));

function kindOfName(name: string): Kind {
  if (name === 'x-forwarded-for') return 'forwardedFor';
  if (ofLoginProxies.test(name) || ofProxies.test(name)) return 'never';
  return name === 'authorization' || name === 'cookie' ? name : 'passes';
}

function isNoneOfTheTasks(name: string): boolean {
  return isOurCookie(name) || cookiesOfLoginProxies.test(name);
}
