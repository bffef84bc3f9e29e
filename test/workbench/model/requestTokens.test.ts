import { describe, expect, test } from '@jest/globals';
import { freshToken, keyedToken, launchToken, requestFingerprint } from '../../../src/workbench/model/requestTokens.ts';

describe('the token of an idempotency key', () => {
  test('is the same for the same scope, user and key, on every controller', () => {
    expect(keyedToken(['fs-1', 'a'], 'ada', 'k')).toBe(keyedToken(['fs-1', 'a'], 'ada', 'k'));
  });

  test.each([
    [['fs-1', 'b'], 'ada', 'k'],
    [['fs-2', 'a'], 'ada', 'k'],
    [['fs-1', 'a'], 'bob', 'k'],
    [['fs-1', 'a'], 'ada', 'k2'],
    [['fs-1'], 'a', 'adak'],
    [['fs-1', 'a', 'ada'], 'k', ''],
  ])('is another one for %j, %s, %s', (scope, user, key) => {
    expect(keyedToken(scope, user, key)).not.toBe(keyedToken(['fs-1', 'a'], 'ada', 'k'));
  });

  test('fits what EFS takes', () => {
    expect(keyedToken(['fs-1', 'a'], 'ada', 'k'.repeat(255))).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('a fresh token fits what EFS takes, and is never made twice', () => {
  const tokens = Array.from({ length: 100 }, freshToken);
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/);
});

test('a request’s fingerprint tells what is asked for', () => {
  const request = { name: 'a', cpu: 256, memory: undefined };
  expect(requestFingerprint({ ...request })).toBe(requestFingerprint(request));
  expect(requestFingerprint({ ...request, cpu: 512 })).not.toBe(requestFingerprint(request));
});

test('the token of a launch fits what ECS takes, for the longest id and many generations', () => {
  expect(launchToken('f'.repeat(40), 999_999_999)).toMatch(/^[!-~]{1,64}$/);
});
