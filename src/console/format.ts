import type { Item } from '../client/createClient.ts';

export type StatusKind = 'running' | 'up' | 'down' | 'stopped' | 'failed' | 'destroying';

const onTheWayUp: ReadonlySet<string> = new Set(['starting', 'provisioning', 'pending', 'activating']);

export function kindOf({ status, stopped_reason }: Pick<Item, 'status' | 'stopped_reason'>): StatusKind {
  if (status === 'running' || status === 'destroying') return status;
  if (status === 'stopped') return stopped_reason ? 'failed' : 'stopped';
  return onTheWayUp.has(status) ? 'up' : 'down';
}

/** `deactivating`: Deactivating */
export function statusText(status: string): string {
  const words = status.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Each step, and what is usual. */
export const steps: Readonly<Record<NonNullable<Item['starting']>['step'], readonly [doing: string, usual: string]>> = {
  queued: ['waiting for the cloud to take it', 'seconds'],
  provisioning: ['looking for a place and an address', 'up to half a minute'],
  pulling: ['fetching its image', 'about a minute for each gigabyte'],
  booting: ['booting', 'seconds'],
};

export function sizeText(cpu: number, memory: number): string {
  return `${cpu / 1024} vCPU, ${memory / 1024} GiB`;
}

/** How long something has been going on, for people who watch it: 8 s, 3 min, 2 h, 5 d. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function agoText(milliseconds: number): string {
  return milliseconds < 45_000 ? 'just now' : `${spanText(milliseconds)} ago`;
}
