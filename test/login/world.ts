import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import process from 'node:process';
import { pino } from 'pino';
import { startTestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import type { Timings } from '../../src/lib/timings.ts';
import { startApplication } from '../support/startApplication.ts';
import { startController, type TestController } from '../support/startController.ts';
import { AUDIENCE, CLIENT, PASSWORD, startProvider } from '../support/startProvider.ts';

const KEY = 'the-key-of-the-frontend';
export const SESSION_KEY = 'the-secret-of-the-tests-as-long-as-it-needs';

/** In AWS mode they are the SDK's to find. */
process.env['AWS_ACCESS_KEY_ID'] = 'local';
process.env['AWS_SECRET_ACCESS_KEY'] = 'local';

export const forTheCloud = {
  WB_CLOUD: 'aws',
  AWS_REGION: 'us-east-1',
  ECS_CLUSTER: 'default',
  ECS_SUBNETS: 'subnet-0123456789abcdef0',
  EFS_FILE_SYSTEM_ID: 'fs-0123456789abcdef0',
  WB_GATEWAY: 'builtin',
};

type Options = Readonly<{
  mode: 'subdomain' | 'path';
  environment?: Readonly<Record<string, string>>;
  controllers?: number;
  pace?: Partial<Timings>;
  application?: Parameters<typeof startApplication>[0];
  /** Claims of a user beside `sub`. */
  claims?: (user: string) => Record<string, unknown>;
}>;

export type Answer = Readonly<{ status: number; headers: Headers; text: string; location: string }>;

/** A port that leads to the first controller: known before there is one. */
export async function startFront() {
  let to = 0;
  const server = createServer((socket) => {
    const onward = connect(to, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    lead: (url: string) => {
      to = Number(new URL(url).port);
    },
    close: () => server.close(),
  };
}

/** A provider, controllers that log in there over one local cloud, and an application in each of its workbenches. */
export async function startLogins({
  mode,
  environment = {},
  controllers = 1,
  pace = {},
  application,
  claims = () => ({}),
}: Options) {
  const front = await startFront();
  const root = `http://localhost:${front.port}`;
  const prefix = environment['RESTAPI_URL_PREFIX'] ?? '';
  const publicUrl = `${root}${prefix}`;
  const base = mode === 'path' ? `${root}/project` : `http://{wid}.wb.localhost:${front.port}`;
  const provider = await startProvider({ publicUrl, claims, roles: { opal: ['operator'] } });
  const app = await startApplication(application);
  const test = await startTestCloud({ runtime: app.runtime });
  const log: string[] = [];
  /** What no log may hold: cookies, tickets, codes, tokens. */
  const secrets = new Set([KEY, SESSION_KEY, CLIENT.clientSecret, PASSWORD]);
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const all: TestController[] = [];
  const settings = {
    RESTAPI_PUBLIC_URL: publicUrl,
    RESTAPI_AUTH_STATIC_KEY: KEY,
    RESTAPI_AUTH_OIDC_ISSUER: provider.issuer,
    RESTAPI_AUTH_OIDC_AUDIENCE: AUDIENCE,
    RESTAPI_AUTH_OIDC_CLIENT_ID: CLIENT.clientId,
    RESTAPI_AUTH_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    RESTAPI_AUTH_OIDC_OPERATOR_ROLE: 'operator',
    WB_SESSION_KEYS: SESSION_KEY,
    WB_BASE_URL: base,
    ...environment,
  };
  while (all.length < controllers) all.push(await startController(test.cloud.url, settings, { pace, logger }));
  const [first, second = first] = all;
  if (!first || !second) throw new Error('There is no controller');
  front.lead(first.url);
  const originOf = (wid: string) => (mode === 'path' ? root : base.replace('{wid}', wid));
  const endpointOf = (wid: string) => (mode === 'path' ? `${base}/${wid}` : base.replace('{wid}', wid));

  async function call(method: string, path: string, body?: object) {
    const response = await fetch(`${first?.url}${prefix}${path}`, {
      method,
      headers: { Authorization: `Bearer ${KEY}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : null,
    });
    const { item = {} } = (await response.json()) as { item?: Record<string, string> };
    return item;
  }

  /** Not by fetch, which would resolve names and say by itself what `Sec-Fetch-Mode` is. */
  async function send(
    url: string | URL,
    headers: Readonly<Record<string, string>> = {},
    { method = 'GET', body, at = first }: { method?: string; body?: string; at?: TestController | undefined } = {},
  ): Promise<Answer> {
    const { host, pathname, search } = new URL(url);
    const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const asking = request(`${at?.url}${pathname}${search}`, {
      method,
      headers: { ...form, ...headers, host },
      agent: false,
    });
    asking.end(body);
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    const raw = answer.rawHeaders;
    const pairs = raw.flatMap((name, index) => (index % 2 ? [] : [[name, raw[index + 1] ?? ''] as [string, string]]));
    const text = String(Buffer.concat(await answer.toArray()));
    const location = String(answer.headers.location ?? '');
    return { status: answer.statusCode ?? 0, headers: new Headers(pairs), text, location };
  }

  return {
    ...test,
    front,
    provider,
    publicUrl,
    first,
    second,
    seen: app.seen,
    log,
    secrets,
    call,
    send,
    originOf,
    endpointOf,
    /** @returns the id of a workbench that runs */
    async create(user: string): Promise<string> {
      const wid = String((await call('POST', `/workbenches?user_id=${user}`))['workbench_id']);
      for (let status = ''; status !== 'running'; ) {
        status = String((await call('GET', `/workbenches/${wid}?user_id=${user}&wait=5`))['status']);
      }
      return wid;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((controller) => controller.close()));
      await test[Symbol.asyncDispose]();
      await provider.close();
      app.close();
      front.close();
      const lines = log.join('');
      const shown = [...secrets].filter((secret) => lines.includes(secret));
      if (shown.length > 0) throw new Error(`The log holds secrets: ${shown.join(', ')}`);
    },
  };
}

export type Logins = Awaited<ReturnType<typeof startLogins>>;

const page = {
  accept: 'text/html,*/*',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'none',
  'sec-fetch-dest': 'document',
};

/** A browser's cookies by host, and its navigations; the provider is another host. */
export function aPerson(world: Logins) {
  const jars = new Map<string, Map<string, string>>();

  function keep(url: URL, lines: readonly string[]): void {
    const jar = jars.get(url.host) ?? new Map<string, string>();
    jars.set(url.host, jar);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0(;|$)/.test(line) || value === '') jar.delete(name);
      else jar.set(name, value);
      if (value.length > 20) world.secrets.add(value);
    }
  }

  const cookieAt = (url: string | URL) =>
    [...(jars.get(new URL(url).host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');

  /** One step, as a navigation. */
  async function step(url: URL, init: { method?: string; body?: string } = {}): Promise<Answer> {
    for (const name of ['t', 'code']) {
      const value = url.searchParams.get(name);
      if (value && value.length > 20) world.secrets.add(value);
    }
    const headers = { ...page, cookie: cookieAt(url), ...(init.method === 'POST' ? { origin: url.origin } : {}) };
    if (url.origin !== world.provider.issuer) {
      const answer = await world.send(url, headers, init);
      keep(url, answer.headers.getSetCookie());
      return answer;
    }
    const form = init.body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(url, { redirect: 'manual', ...init, headers: { ...headers, ...form } });
    keep(url, answer.headers.getSetCookie());
    const location = answer.headers.get('location') ?? '';
    return { status: answer.status, headers: answer.headers, text: await answer.text(), location };
  }

  /** Goes on until there is no redirect, or one that `stop` knows, which is then not followed. */
  async function go(start: string | URL, stop: (url: URL) => boolean = () => false, init = {}) {
    let url = new URL(start);
    let answer = await step(url, init);
    for (let hops = 0; hops < 20 && answer.location !== ''; hops += 1) {
      url = new URL(answer.location, url);
      if (stop(url)) break;
      answer = await step(url);
    }
    return { url, answer };
  }

  return {
    jars,
    cookieAt,
    keep,
    step,
    go,
    /** Opens an address, and says who they are where the provider asks. */
    async open(start: string | URL, user: string, stop?: (url: URL) => boolean) {
      const met = await go(start, stop);
      if (!met.answer.text.includes('name=password')) return met;
      return await go(met.url, stop, {
        method: 'POST',
        body: String(new URLSearchParams({ login: user, password: PASSWORD })),
      });
    },
  };
}
