import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Visit } from '../access/entry/visitOf.ts';
import type { Connections } from './createConnections.ts';
import type { HeaderRules } from './createHeaderRules.ts';
import type { LiveVisits } from './createLiveVisits.ts';
import type { Routes, Way } from './createRoutes.ts';
import type { Framing } from './framing.ts';
import { headersToTask } from './headersToTask.ts';
import type { WorkbenchTarget } from './readTarget.ts';
import type { Refusal } from './refusal.ts';
import { relay } from './relay.ts';
import { tunnel } from './tunnel.ts';

/** One who has entered, and where to. */
type Passage = Readonly<{ request: IncomingMessage; target: WorkbenchTarget; visit: Visit; way: Way }>;

export type Forwarding = Readonly<{
  /** @param refuse what to do where the task can't be reached */
  request(passage: Passage, framing: Framing, response: ServerResponse, refuse: (refusal: Refusal) => void): void;
  upgrade(passage: Passage, socket: Socket, head: Buffer, refuse: (refusal: Refusal) => void): Promise<void>;
}>;

type Dependencies = Readonly<{
  routes: Pick<Routes, 'explain'>;
  rules: HeaderRules;
  connections: Connections;
  live: Pick<LiveVisits, 'add'>;
}>;

const noBody: Framing = { kind: 'none' };

/** To the task and back, for as long as the visitor may stay. */
export function createForwarding({ routes, rules, connections, live }: Dependencies): Forwarding {
  function headersOf({ request, target, way }: Passage, framing: Framing, upgrade: boolean): string[] {
    return headersToTask(request.rawHeaders, {
      method: request.method ?? 'GET',
      framing,
      http11: request.httpVersion === '1.1',
      upgrade,
      rules: rules.toTask(request, target.workbenchId, way.entered),
    });
  }

  return {
    request(passage, framing, response, refuse) {
      const { request, target, visit, way } = passage;
      const { workbenchId, url } = target;
      live.add(visit, response, way.entered.identity.expiresAt);
      relay(
        {
          request,
          response,
          framing,
          url,
          headers: headersOf(passage, framing, false),
          rules: rules.fromTask(workbenchId),
          upstream: way.upstream,
          onFailure: (error) => void routes.explain(workbenchId, error).then(refuse),
        },
        connections,
      );
    },

    async upgrade(passage, socket, head, refuse) {
      const { request, target, visit, way } = passage;
      const { workbenchId, url } = target;
      const onFailure = async (error: unknown) => refuse(await routes.explain(workbenchId, error));
      const leaving = new AbortController();
      const leave = () => leaving.abort();
      socket.once('close', leave);
      try {
        const task = await connections.open(way.upstream, leaving.signal);
        socket.removeListener('close', leave);
        if (socket.destroyed) return void task.destroy();
        const headers = headersOf(passage, noBody, true);
        live.add(visit, socket, way.entered.identity.expiresAt);
        const opening = { request, socket, head, headers, url, rules: rules.fromTask(workbenchId) };
        tunnel({ ...opening, upstream: way.upstream, onFailure: (error) => void onFailure(error) }, task);
      } catch (error) {
        await onFailure(error);
      }
    },
  };
}
