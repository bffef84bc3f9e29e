import type { ReadyServer, Server } from './startServer.ts';

/** Where the embedded local cloud of a server listens. */
export function localCloudOf(server: Server): string {
  return String(server.logged('the local cloud is up')[0]?.['url']);
}

/** For tests that don't care how long the states of a task take. */
export async function instantly<S extends ReadyServer>(server: S, cloudUrl = localCloudOf(server)): Promise<S> {
  const timing = { provisioningMs: 0, pendingMs: 0, activatingMs: 0, deprovisioningMs: 0, visibilityMs: 0 };
  const answer = await fetch(`${cloudUrl}/_local/timing`, { method: 'PUT', body: JSON.stringify(timing) });
  if (!answer.ok) throw new Error(await answer.text());
  return server;
}
