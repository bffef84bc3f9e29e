import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { Express } from 'express';
import { pino } from 'pino';
import { consoleRouter } from '../../../src/http/consoleRouter.ts';
import { createRoutes } from '../../../src/http/createRoutes.ts';
import { calls } from '../../../src/http/openapi/calls.ts';
import { createDescription } from '../../../src/http/openapi/createDescription.ts';
import { aProfile, someProfiles } from '../../support/records.ts';

type Layer = Readonly<{
  route?: Readonly<{ path: string; stack: readonly Readonly<{ method?: string }>[] }>;
  handle?: Readonly<{ stack?: readonly Layer[] }>;
}>;

/** What the pages are made of is no call. */
const ofThePages = [
  'get /docs',
  'get /docs/start.js',
  'get /console',
  ...['console.js', 'console.css', 'icon.svg'].map((name) => `get /console/${name}`),
];

function routesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    const methods = (route?.stack ?? []).flatMap(({ method }) => (method && method !== 'head' ? [method] : []));
    const path = route?.path.replaceAll(/:workbenchId/g, '{workbench_id}');
    return [...methods.map((method) => `${method} ${path}`), ...routesOf(handle?.stack ?? [])];
  });
}

const never = () => Promise.reject(new Error('nothing is called here'));

test('the calls of the description are the router’s, no more and no fewer', () => {
  const app: Express = createRoutes({
    // What the routes stand on is asked for when they are called.
    router: {} as Parameters<typeof createRoutes>[0]['router'],
    profiles: someProfiles(aProfile()),
    routers: [consoleRouter({ authentication: 'off' })],
    probe: never,
    describe: () => ({}),
    logger: pino({ level: 'silent' }),
    urlPrefix: '/api',
    authenticator: { known: () => undefined, authenticate: never },
  });
  const routes = new Set(routesOf(app.router.stack as readonly Layer[]));
  for (const path of ofThePages) routes.delete(path);
  expect([...routes].sort()).toEqual(calls.map(({ method, path }) => `${method} ${path}`).sort());
});

test.each([
  ['', true],
  ['/api/v1', false],
])('the description of an API below %p, with authentication %p, is valid OpenAPI', async (root, authenticated) => {
  const description = { ...createDescription({ root, authenticated }) };
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(description)));
  expect([errors, valid]).toEqual([undefined, true]);
  expect(description).toMatchObject({ openapi: '3.1.0', servers: [{ url: root || '/' }] });
});

test('no two calls have a name in common', () => {
  expect(new Set(calls.map(({ name }) => name)).size).toBe(calls.length);
});

const examples = calls.flatMap(({ name, answers }) =>
  Object.entries(answers).flatMap(([status, { body }]) =>
    body?.example ? [[`${name} ${status}`, body] as const] : [],
  ),
);

test.each(examples)('the example of %s is such an answer', (_name, { schema, example }) => {
  expect(schema.safeParse(example).error).toBeUndefined();
});
