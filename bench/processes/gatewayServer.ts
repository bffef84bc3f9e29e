import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { pino } from 'pino';
import { createAuthenticator } from '../../src/access/bearer/createAuthenticator.ts';
import { createEntrance } from '../../src/access/entry/createEntrance.ts';
import { parseBaseUrl } from '../../src/access/hosts/baseUrl.ts';
import { sessionClaims } from '../../src/access/signed/claims.ts';
import { createSigned } from '../../src/access/signed/createSigned.ts';
import { createGateway } from '../../src/gateway/createGateway.ts';
import { createServer } from '../../src/http/createServer.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { answerParent } from '../support/ipc.ts';

/** The controller's server and its gateway, with the access check in its place; every workbench is one task. */
const port = Number(process.env['BENCH_UPSTREAM']);
const authenticator = createAuthenticator(
  { staticKey: 'key', jwtKey: undefined, userClaim: undefined },
  undefined,
  systemClock,
);
const base = parseBaseUrl('http://localhost:8999/project');
if (typeof base === 'string') throw new Error(base);
const secrets = ['a secret of the benchmark, long enough'];
const entrance = createEntrance({
  base: () => base,
  baseGiven: true,
  authentication: { authenticator, sessionKeys: secrets },
  frameAncestors: [],
  origins: [],
  isOver: () => false,
  ownerOf: () => ({ userId: 'ann' }),
  clock: systemClock,
});
const sessions = createSigned({ kind: 'session', secrets, claims: sessionClaims, clock: systemClock });
const cookies = new Map<string, string>();

/** The load has no cookies: each of its requests gets its workbench's, and goes the way of a browser's. */
function cookieOf(wid: string): string {
  const now = Math.floor(Date.now() / 1000);
  const cookie =
    cookies.get(wid) ??
    `a=b; wb_${wid}=${sessions.sign({ wid, user: 'ann', auth_time: now, iat: now, exp: now + 36_000 })}`;
  cookies.set(wid, cookie);
  return cookie;
}

const gateway = createGateway({
  ...entrance,
  decide: (visit) => {
    const from =
      visit.from.upgrade || visit.from.method === 'POST'
        ? { ...visit.from, origin: 'http://localhost:8999' }
        : visit.from;
    return entrance.decide({ ...visit, from, cookie: cookieOf(visit.workbenchId) });
  },
  base: () => base,
  baseGiven: true,
  resolve: async () => ({ kind: 'running', host: '127.0.0.1', port }),
  start: async () => undefined,
  isBeingDestroyed: () => false,
  signIn: undefined,
  loginUrl: undefined,
  trustedProxies: undefined,
  admits: () => true,
  frameAncestors: [],
  logger: pino({ level: 'info' }),
});
const server = createServer((_request, response) => response.writeHead(404).end(), gateway);
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answerParent({ port: () => (server.address() as AddressInfo).port });
