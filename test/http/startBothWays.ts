import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import { type AuthenticatorConfig, createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { createGateway } from '../../src/gateway/createGateway.ts';
import { createHttp, type HttpConfig, type HttpDependencies } from '../../src/http/createHttp.ts';
import { createServer } from '../../src/http/createServer.ts';
import { ItemRenderer } from '../../src/http/ItemRenderer.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { noSuchWorkbench } from '../../src/workbench/model/errors.ts';
import type { WorkbenchView } from '../../src/workbench/model/WorkbenchView.ts';
import { openTo } from '../support/openGateway.ts';
import { aProfile, someProfiles } from '../support/records.ts';
import { watchAnswers } from '../support/watchAnswers.ts';

const endpointOf = (id: string) => `http://localhost/project/${id}`;
const logger = pino({ level: 'silent' });

const noLimits = {
  workbenches: undefined,
  running: undefined,
  allRunning: undefined,
  cpu: undefined,
  memory: undefined,
};

const running: WorkbenchView = {
  workbench: {
    id: '0123456789abcdef0',
    userId: 'ann',
    name: 'Análisis №1',
    size: { cpu: 1024, memory: 2048 },
    createdAt: new Date(0),
    storageReady: true,
    run: 1,
    outcome: { generation: 1, taskId: 'a'.repeat(32), launchedAt: 0 },
    stopped: undefined,
    destroy: undefined,
    profile: undefined,
    createMark: '',
    request: undefined,
  },
  status: 'running',
  stoppedReason: undefined,
  starting: undefined,
  profile: 'default',
  image: 'workbench:latest',
  imageDigest: undefined,
  updateAvailable: false,
  address: undefined,
  ageMs: 1_234,
};
const longName: WorkbenchView = {
  ...running,
  workbench: { ...running.workbench, id: 'fedcba9876543210f', name: '🧮'.repeat(400) },
  status: 'stopped',
  stoppedReason: { code: 'OutOfMemory', message: 'It needed more memory' },
};
const ofBob: WorkbenchView = { ...running, workbench: { ...running.workbench, id: 'b0b0b0b0b', userId: 'bob' } };

/** Workbenches that nothing happens to, so that two answers can be the same to the byte. */
export const views: readonly WorkbenchView[] = [running, longName, ofBob];
export const etagOf = (view: WorkbenchView): string => new ItemRenderer(endpointOf).render(view).etag;

const peek = (userId: string, id: string) => views.find(({ workbench: w }) => w.id === id && w.userId === userId);

async function get(userId: string, id: string): Promise<WorkbenchView> {
  const view = peek(userId, id);
  if (!view) throw noSuchWorkbench();
  return view;
}

type Way = Readonly<{
  /** All that is answered on a connection on which these bytes (latin1) are sent. */
  send(bytes: string): Promise<string>;
  /** How often the service was asked for a single workbench: what the short way does without. */
  asked(): number;
}>;

export type BothWays = Readonly<{ short: Way; long: Way; close(): Promise<void> }>;

export type WayConfig = Pick<HttpConfig, 'urlPrefix' | 'corsOrigins'> &
  Readonly<{ authentication: AuthenticatorConfig; gatewayBasePath: string | undefined }>;

/** The API twice, over the same workbenches: once as it is, and once without a memory that could answer at once. */
export async function startBothWays(config: WayConfig, part: Partial<HttpDependencies> = {}): Promise<BothWays> {
  const servers: Server[] = [];
  const answers = watchAnswers(config.urlPrefix);
  const start = async (peekOf: HttpDependencies['peek']): Promise<Way> => {
    let asked = 0;
    const { gatewayBasePath: basePath } = config;
    const resolve = async () => ({ kind: 'stopped', name: 'it' }) as const;
    const gateway =
      basePath === undefined ? undefined : createGateway({ ...openTo(`http://localhost${basePath}`), resolve, logger });
    const app = createHttp(
      {
        service: {
          list: async (userId) => views.filter(({ workbench }) => workbench.userId === userId),
          get: async (userId, id) => {
            asked += 1;
            return await get(userId, id);
          },
          create: async () => running,
          change: get,
          start: get,
          stop: get,
          destroy: get,
          logs: async () => ['Serving'],
          quotas: async () => ({ limits: noLimits, usage: { workbenches: 3, running: 2, runningIds: [] } }),
        },
        forProxies: gateway?.forProxies,
        watch: { closing: new AbortController().signal, listen: () => () => {}, next: async () => undefined },
        overview: { page: async () => ({ views: [], last: undefined, counts: undefined }) },
        feed: { subscribe: async () => () => undefined },
        peek: peekOf,
        profiles: someProfiles(aProfile()),
        probe: async () => {},
        authenticator: createAuthenticator(config.authentication, undefined, part.clock ?? systemClock),
        endpointOf,
        routers: [],
        openings: (id, _user, next) => ({ url: `${endpointOf(id)}${next}` }),
        clock: systemClock,
        logger,
        ...part,
      },
      { publicUrl: undefined, authenticated: true, ...config },
    );
    const server = createServer(answers.app(app), gateway).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { send: async (bytes) => await exchange(port, bytes), asked: () => asked };
  };
  return {
    short: await start(peek),
    long: await start(() => undefined),
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all(servers.map((server) => once(server, 'close')));
      answers.verify();
    },
  };
}

async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}
