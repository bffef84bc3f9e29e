/** A task, as it can be connected to. */
export interface Upstream {
  host: string;
  port: number;
}

/** Where a request to a workbench can go at this moment. */
export type Destination =
  | ({ kind: 'running' } & Upstream)
  /** Starting, provisioning, pending, activating. */
  | { kind: 'onTheWay'; status: string; name: string }
  | { kind: 'stopped'; name: string; reason?: { code: string; message: string } }
  /** Deactivating, stopping, deprovisioning, destroying. */
  | { kind: 'goingDown'; status: string; name: string }
  | { kind: 'notFound' };

/** Rejects when the cloud cannot say: that is never taken for an answer. */
export type ResolveDestination = (workbenchId: string) => Promise<Destination>;
