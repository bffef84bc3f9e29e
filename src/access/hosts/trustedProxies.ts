import { BlockList, isIP } from 'node:net';

/** Reads `WB_TRUSTED_PROXIES`: addresses and networks. @returns the entry that is neither, as text */
export function parseTrustedProxies(entries: readonly string[]): BlockList | string {
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    if (version === 0 || Number(bits ?? most) > most) return entry;
    list.addSubnet(address, Number(bits ?? most), version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether X-Forwarded-* and X-Original-* of this peer are believed. */
export function isTrusted(list: BlockList, peer: string | undefined): boolean {
  const address = peer?.replace(/^::ffff:/i, '') ?? '';
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
