import { createHash } from 'node:crypto';
import type { Starting } from '../workbench/model/starting.ts';
import type { Workbench } from '../workbench/model/Workbench.ts';
import type { WorkbenchView } from '../workbench/model/WorkbenchView.ts';
import type { Item } from './schemas/workbenches.ts';

/** A workbench as callers see it, but for the age of its status: that alone differs from one poll to the next. */
export type RenderedItem = Readonly<{
  /** Weak: the age isn't part of it. */
  etag: string;
  /** The item's JSON with its age. */
  json: string;
}>;

type Kept = Readonly<{ shown: WorkbenchView; etag: string; head: string }>;

/** Renders workbenches as JSON; what has been rendered once is kept for as long as nothing changes. */
export class ItemRenderer {
  readonly #endpointOf: (workbenchId: string) => string;
  readonly #kept = new WeakMap<Workbench, Kept>();

  /** @param endpointOf where browsers find a workbench; known once the server listens */
  constructor(endpointOf: (workbenchId: string) => string) {
    this.#endpointOf = endpointOf;
  }

  render(view: WorkbenchView): RenderedItem {
    const { workbench } = view;
    let kept = this.#kept.get(workbench);
    if (!kept || !shownAlike(kept.shown, view)) {
      const json = JSON.stringify(this.#item(view));
      kept = { shown: view, etag: weakTag(json), head: json.slice(0, -1) };
      this.#kept.set(workbench, kept);
    }
    return { etag: kept.etag, json: `${kept.head},"status_age_ms":${view.ageMs}}` };
  }

  #item({ workbench, status, stoppedReason, starting, image, ...view }: WorkbenchView): Omit<Item, 'status_age_ms'> {
    return {
      user_id: workbench.userId,
      workbench_id: workbench.id,
      workbench_name: workbench.name,
      status,
      public_endpoint: this.#endpointOf(workbench.id),
      requested_cpu: workbench.size.cpu,
      requested_memory: workbench.size.memory,
      profile: view.profile,
      ...(image === undefined ? {} : { image }),
      ...(view.imageDigest === undefined ? {} : { image_digest: view.imageDigest }),
      ...(view.updateAvailable === undefined ? {} : { update_available: view.updateAvailable }),
      created_at: workbench.createdAt.toISOString(),
      ...(stoppedReason ? { stopped_reason: stoppedReason } : {}),
      ...(starting ? { starting: presentStarting(starting) } : {}),
    };
  }
}

/** Of one and the same record. */
function shownAlike(one: WorkbenchView, other: WorkbenchView): boolean {
  return (
    one.status === other.status &&
    one.stoppedReason?.message === other.stoppedReason?.message &&
    one.image === other.image &&
    one.imageDigest === other.imageDigest &&
    one.updateAvailable === other.updateAvailable &&
    one.starting?.step === other.starting?.step &&
    one.starting?.since === other.starting?.since &&
    one.starting?.hint === other.starting?.hint
  );
}

function presentStarting({ step, since, hint }: Starting): NonNullable<Item['starting']> {
  return { step, since: new Date(since).toISOString(), ...(hint ? { hint } : {}) };
}

/** The entity tag of a list of items. */
export function listTag(items: readonly RenderedItem[]): string {
  return weakTag(items.map(({ etag }) => etag).join());
}

function weakTag(content: string): string {
  return `W/"${createHash('sha1').update(content).digest('hex').slice(0, 16)}"`;
}
