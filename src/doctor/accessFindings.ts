import type { BlockList } from 'node:net';
import { getDomain } from 'tldts';
import { isLoopbackName } from '../access/hosts/authority.ts';
import { type BaseUrl, endpointOf } from '../access/hosts/baseUrl.ts';
import type { Config } from '../config.ts';
import { type Finding, ok, warning } from './Finding.ts';

type Access = Pick<Config, 'authenticated' | 'base' | 'publicUrl' | 'trustedProxies'>;

/** What of the way into workbenches is allowed and weaker than it could be. */
export function accessFindings({ authenticated, base, publicUrl, trustedProxies }: Access): Finding[] {
  return [
    ...(base ? baseFindings(base, authenticated, publicUrl) : []),
    ...(trustedProxies ? proxyFindings(trustedProxies) : []),
  ];
}

function baseFindings(base: BaseUrl, authenticated: boolean, publicUrl: string | undefined): Finding[] {
  const check = 'base URL';
  if (base.mode === 'path') {
    if (!authenticated) return [];
    const message = `all workbenches are pages of one host (${endpointOf(base, '<wid>')}): what runs in one can act in the others that its visitor may open`;
    const remedy = 'Put {wid} into the host, as in https://{wid}.wb.example.net, or trust what all of them run';
    return [warning(check, message, remedy)];
  }
  const host = hostOf(endpointOf(base, 'wid'));
  if (publicUrl === undefined || isLoopbackName(host)) return [ok(check, 'each workbench has a host of its own')];
  const [its, apis] = [siteOf(host), siteOf(hostOf(publicUrl))];
  if (its !== apis) return [ok(check, `each workbench has a host of its own, of another site (${its}) than the API`)];
  const message = `workbenches and API are one site (${its}): browsers send the API’s cookies along where a workbench’s page leads, and the page can set cookies for both`;
  const remedy = 'Give the workbenches a registrable domain of their own, as example.net beside example.com';
  return [warning(check, message, remedy)];
}

/** As browsers see it, by the public suffix list; hosts that are under none of it are sites by themselves. */
function siteOf(host: string): string {
  return getDomain(host, { allowPrivateDomains: true }) ?? host;
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}

/** A whole private range takes in the tasks, or more people than run the proxy. */
const NARROW = { IPv4: 17, IPv6: 49 } as const;

function proxyFindings({ rules }: BlockList): Finding[] {
  const networks = rules.flatMap((rule) => {
    const [, family, network, bits] = /^Subnet: (IPv4|IPv6) (\S+)\/(\d+)$/.exec(rule) ?? [];
    return family === 'IPv4' || family === 'IPv6' ? [{ family, network, bits: Number(bits) } as const] : [];
  });
  const wide = networks.filter(({ family, bits }) => bits < NARROW[family]);
  const check = 'trusted proxies';
  if (wide.length === 0) return [ok(check, `${networks.length} of them may say whom a request comes from`)];
  const remedy = 'Name the proxies’ own addresses, or a subnet that holds nothing but them, and no task';
  return wide.map(({ network, bits }) => {
    const who = bits === 0 ? 'everybody' : `everything in ${network}/${bits}`;
    return warning(
      check,
      `${who} may say whom a request comes from, and where the tasks are is answered to them`,
      remedy,
    );
  });
}
