import { createHash } from 'node:crypto';
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

type Kept = Readonly<{ status: string; reason: string | undefined; etag: string; head: string }>;

/** Renders workbenches as JSON; what has been rendered once is kept for as long as nothing changes. */
export class ItemRenderer {
  readonly #endpointOf: (workbenchId: string) => string;
  readonly #kept = new WeakMap<Workbench, Kept>();

  /** @param endpointOf where browsers find a workbench; known once the server listens */
  constructor(endpointOf: (workbenchId: string) => string) {
    this.#endpointOf = endpointOf;
  }

  render(view: WorkbenchView): RenderedItem {
    const { workbench, status, stoppedReason } = view;
    let kept = this.#kept.get(workbench);
    if (kept?.status !== status || kept.reason !== stoppedReason?.message) {
      const json = JSON.stringify(this.#item(view));
      kept = { status, reason: stoppedReason?.message, etag: weakTag(json), head: json.slice(0, -1) };
      this.#kept.set(workbench, kept);
    }
    return { etag: kept.etag, json: `${kept.head},"status_age_ms":${view.ageMs}}` };
  }

  #item({ workbench, status, stoppedReason }: WorkbenchView): Omit<Item, 'status_age_ms'> {
    return {
      user_id: workbench.userId,
      workbench_id: workbench.id,
      workbench_name: workbench.name,
      status,
      public_endpoint: this.#endpointOf(workbench.id),
      requested_cpu: workbench.size.cpu,
      requested_memory: workbench.size.memory,
      created_at: workbench.createdAt.toISOString(),
      ...(stoppedReason ? { stopped_reason: stoppedReason } : {}),
    };
  }
}

/** The entity tag of a list of items. */
export function listTag(items: readonly RenderedItem[]): string {
  return weakTag(items.map(({ etag }) => etag).join());
}

function weakTag(content: string): string {
  return `W/"${createHash('sha1').update(content).digest('hex').slice(0, 16)}"`;
}
