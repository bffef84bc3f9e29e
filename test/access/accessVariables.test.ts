import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { accessFaults, accessVariables, emptyKey } from '../../src/access/accessVariables.ts';

const variables = z.object(accessVariables);
const SECRET = 'x'.repeat(32);
const issuer = { RESTAPI_AUTH_OIDC_ISSUER: 'https://id.example.com/', RESTAPI_AUTH_OIDC_AUDIENCE: 'workbenches' };
const staticKey = { RESTAPI_AUTH_STATIC_KEY: 'key' };

describe('a variable of access', () => {
  test('is unset by default', () => {
    expect(variables.parse({})).toEqual({ RESTAPI_AUTH_OIDC_USER_CLAIM: 'sub', WB_FRAME_ANCESTORS: [] });
  });

  test.each<[Record<string, string>, Record<string, unknown>]>([
    [issuer, issuer],
    [{ RESTAPI_AUTH_OIDC_ISSUER: 'http://127.0.0.1:8080/realms/x' }, {}],
    [{ RESTAPI_PUBLIC_URL: 'http://lan:8999/api/' }, { RESTAPI_PUBLIC_URL: 'http://lan:8999/api' }],
    [{ WB_SESSION_KEYS: `${SECRET},${SECRET}` }, { WB_SESSION_KEYS: [SECRET, SECRET] }],
    [{ WB_BASE_URL: 'https://{wid}.wb.example.net/' }, { WB_BASE_URL: { mode: 'subdomain' } }],
    [{ WB_BASE_URL: 'http://lan/project/' }, { WB_BASE_URL: { mode: 'path', path: '/project' } }],
    [{ WB_FRAME_ANCESTORS: 'https://a.example, https://*.b.example:8443' }, {}],
    [{ WB_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }, {}],
  ])('%j is read', (given, expected) => {
    expect(variables.parse(given)).toMatchObject(expected);
  });

  test.each([
    ['RESTAPI_AUTH_OIDC_ISSUER', 'http://id.example.com'],
    ['RESTAPI_AUTH_OIDC_ISSUER', 'https://id.example.com/?x'],
    ['RESTAPI_AUTH_OIDC_ISSUER', 'https://u:p@id.example.com'],
    ['RESTAPI_AUTH_OIDC_ISSUER', 'id.example.com'],
    ['RESTAPI_PUBLIC_URL', 'api.example.com'],
    ['RESTAPI_PUBLIC_URL', 'https://api.example.com/#x'],
    ['WB_SESSION_KEYS', 'x'.repeat(31)],
    ['WB_SESSION_KEYS', `${SECRET},short`],
    ['WB_BASE_URL', 'http://{wid}.wb.example.net'],
    ['WB_BASE_URL', 'https://wb.example.net/{wid}'],
    ['WB_TRUSTED_PROXIES', '10.0.0.1, proxy'],
    ['WB_FRAME_ANCESTORS', '*'],
    ['WB_FRAME_ANCESTORS', "https://a.example; script-src 'none'"],
    ['WB_FRAME_ANCESTORS', 'https://a.example/path'],
    ['WB_LOGIN_URL', 'javascript:alert(1)'],
  ])('%s=%s is refused, without its value', (variable, value) => {
    const { error } = variables.safeParse({ [variable]: value });
    expect(error?.issues.map(({ path }) => path[0])).toEqual([variable]);
    expect(JSON.stringify(error?.issues.map(({ message }) => message))).not.toContain(value);
  });
});

describe('variables of access beside each other', () => {
  const faulty = (given: Record<string, string>, aws = false, gateway = true) =>
    accessFaults(given, { aws, gateway }).map(({ variable }) => variable);
  const client = { ...issuer, RESTAPI_AUTH_OIDC_CLIENT_ID: 'web', RESTAPI_AUTH_OIDC_CLIENT_SECRET: 's' };

  test('are right as a laptop has them', () => {
    for (const given of [{}, staticKey, issuer, client]) expect(faulty(given)).toEqual([]);
  });

  test('are right as AWS has them', () => {
    expect(faulty({}, true)).toEqual([]);
    expect(faulty(staticKey, true, false)).toEqual([]);
    expect(faulty(issuer, true, false)).toEqual([]);
    const whole = { ...client, RESTAPI_PUBLIC_URL: 'https://api.example.com', WB_SESSION_KEYS: SECRET };
    expect(faulty(whole, true)).toEqual([]);
  });

  test('need each other, and all that is missing is named at once', () => {
    expect(
      faulty({
        RESTAPI_AUTH_OIDC_AUDIENCE: 'a',
        RESTAPI_AUTH_OIDC_CLIENT_SECRET: 's',
        RESTAPI_AUTH_OIDC_OPERATOR_ROLE: 'r',
        RESTAPI_AUTH_OIDC_USER_CLAIM: 'email',
        RESTAPI_CORS_ORIGINS: 'https://a.example, *',
      }),
    ).toEqual([
      'RESTAPI_AUTH_OIDC_AUDIENCE',
      'RESTAPI_AUTH_OIDC_USER_CLAIM',
      'RESTAPI_AUTH_OIDC_OPERATOR_ROLE',
      'RESTAPI_AUTH_OIDC_CLIENT_SECRET',
      'RESTAPI_CORS_ORIGINS',
    ]);
    expect(faulty({ RESTAPI_AUTH_OIDC_ISSUER: 'https://id' })).toEqual(['RESTAPI_AUTH_OIDC_AUDIENCE']);
    expect(faulty(client, true, false)).toEqual(['RESTAPI_PUBLIC_URL', 'WB_SESSION_KEYS']);
    expect(faulty(staticKey, true)).toEqual(['WB_SESSION_KEYS']);
    expect(faulty({ ...client, RESTAPI_PUBLIC_URL: 'http://api.example.com' })).toEqual(['RESTAPI_PUBLIC_URL']);
    expect(faulty({ ...issuer, RESTAPI_PUBLIC_URL: 'http://api.example.com' })).toEqual([]);
    expect(faulty({ ...client, RESTAPI_PUBLIC_URL: 'http://localhost:8999/api' })).toEqual([]);
    expect(faulty({ ...staticKey, WB_TRUSTED_PROXIES: '10.0.0.1' }, true, false)).toEqual(['WB_SESSION_KEYS']);
  });

  test('may name all origins where a token is asked for', () => {
    expect(faulty({ ...staticKey, RESTAPI_CORS_ORIGINS: '*' })).toEqual([]);
    expect(faulty({ RESTAPI_CORS_ORIGINS: '*' })).toEqual(['RESTAPI_CORS_ORIGINS']);
  });
});

describe('a static key set to nothing', () => {
  test.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ RESTAPI_AUTH_STATIC_KEY: 'key', HOST: '0.0.0.0' }, undefined],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '0.0.0.0' }, 'fault'],
    [{ RESTAPI_AUTH_STATIC_KEY: ' ', HOST: 'myhost' }, 'fault'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '::' }, 'fault'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '10.0.0.1', RESTAPI_AUTH_JWT_KEY: ' ' }, 'fault'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '0.0.0.0', RESTAPI_AUTH_JWT_KEY: 'key' }, 'warning'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '0.0.0.0', ...issuer }, 'warning'],
    [{ RESTAPI_AUTH_STATIC_KEY: '' }, 'warning'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '127.0.0.1' }, 'warning'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: '::1' }, 'warning'],
    [{ RESTAPI_AUTH_STATIC_KEY: '', HOST: 'localhost' }, 'warning'],
  ])('%j is a %p', (environment, kind) => {
    expect(emptyKey(environment)?.kind).toBe(kind);
  });
});
