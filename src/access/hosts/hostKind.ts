import { type Authority, isLoopbackName, parseAuthority } from './authority.ts';
import { type BaseUrl, workbenchAt } from './baseUrl.ts';

/** What a request's host makes of it, before anything else is looked at. */
export type HostKind =
  /** This workbench's own host: the gateway, and nothing of the API. */
  | Readonly<{ kind: 'workbench'; workbenchId: string }>
  /** Ours: API, console, `/auth/*`; in path mode the workbenches too. */
  | Readonly<{ kind: 'controller' }>
  /** The host of all workbenches in path mode, where it isn't ours as well: the gateway's paths alone. */
  | Readonly<{ kind: 'workbenches' }>
  /** 421; but health, which answers any host that is no workbench's. */
  | Readonly<{ kind: 'foreign' }>;

export type HostRules = Readonly<{
  base: BaseUrl;
  authenticated: boolean;
  /** `RESTAPI_PUBLIC_URL` and `HOST`, as far as they are set. */
  publicUrl: string | undefined;
  listenHost: string | undefined;
}>;

export type ClassifyHost = (authority: Authority | undefined) => HostKind;

const controller: HostKind = { kind: 'controller' };
const workbenches: HostKind = { kind: 'workbenches' };
const foreign: HostKind = { kind: 'foreign' };

/** Compares names without port and case. With authentication off, these names are what stops DNS rebinding. */
export function createClassifyHost({ base, authenticated, publicUrl, listenHost }: HostRules): ClassifyHost {
  const named = (text: string | undefined) => (text === undefined ? undefined : parseAuthority(text)?.name);
  const publicName = named(publicUrl === undefined ? undefined : new URL(publicUrl).host);
  const ours = new Set(authenticated ? [publicName] : [publicName, named(listenHost)]);
  const anyName = authenticated && publicName === undefined;
  const pathHost = base.mode === 'path' ? named(base.hostname.replace(/\.$/, '')) : undefined;

  return (authority) => {
    if (!authority || authority.ip) return controller;
    const { name } = authority;
    const workbenchId = workbenchAt(base, name);
    if (workbenchId !== undefined) return { kind: 'workbench', workbenchId };
    if (ours.has(name)) return controller;
    // No workbench's, but where only workbenches live: pages of theirs must not find an API there.
    if (base.mode === 'subdomain' && name.endsWith(base.after)) return foreign;
    if (anyName || isLoopbackName(name)) return controller;
    return name === pathHost ? workbenches : foreign;
  };
}
