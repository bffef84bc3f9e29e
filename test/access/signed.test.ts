import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createSigned, type TokenKind } from '../../src/access/signed/createSigned.ts';
import { createUsed } from '../../src/access/signed/createUsed.ts';
import { localSessionKey, parseSessionKeys } from '../../src/access/signed/sessionKeys.ts';
import { fakeClock } from './fakeClock.ts';

const clock = fakeClock();
const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];
const claims = z.object({ user: z.string(), exp: z.number() });
const signed = (secrets: readonly string[] = [OLD], kind: TokenKind = 'session') =>
  createSigned({ kind, secrets, claims, clock });
const value = { user: 'ann', exp: Math.floor(clock.now() / 1000) + 60 };

describe('a signed token', () => {
  test('is read back until its end', () => {
    const own = fakeClock();
    const here = createSigned({ kind: 'ticket', secrets: [OLD], claims, clock: own });
    const token = here.sign(value);
    own.pass(59_999);
    expect(here.verify(token)).toEqual(value);
    own.pass(1);
    expect(here.verify(token)).toBeUndefined();
  });

  test('of one kind passes for no other', () => {
    const kinds: TokenKind[] = ['login', 'ticket', 'session', 'console'];
    for (const kind of kinds) {
      const passing = kinds.filter((other) => signed([OLD], other).verify(signed([OLD], kind).sign(value)));
      expect(passing).toEqual([kind]);
    }
  });

  test('is signed by the first key and verified by all; a key that was taken away verifies nothing', () => {
    const before = signed([OLD]).sign(value);
    const after = signed([NEW, OLD]).sign(value);
    expect(signed([NEW, OLD]).verify(before)).toEqual(value);
    expect(signed([NEW]).verify(after)).toEqual(value);
    expect(signed([NEW]).verify(before)).toBeUndefined();
  });

  test('altered in any character, or spelt otherwise, is none', () => {
    const token = signed().sign(value);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      expect(signed().verify(`${token.slice(0, index)}${other}${token.slice(index + 1)}`)).toBeUndefined();
    }
    for (const other of [`${token}=`, `${token}.`, `${token}.x`, ` ${token}`, token.slice(0, -1), '', '.', 'a.b']) {
      expect(signed().verify(other)).toBeUndefined();
    }
  });

  test('with other claims than are asked for is none', () => {
    const other = createSigned({ kind: 'session', secrets: [OLD], claims: z.object({ exp: z.number() }), clock });
    expect(signed().verify(other.sign({ exp: value.exp }))).toBeUndefined();
  });
});

describe('what may be used once', () => {
  test('is told the second time, and forgotten when it would not serve any more', () => {
    const own = fakeClock();
    const used = createUsed(own);
    expect(used('a', own.now() + 60_000)).toBe(false);
    expect(used('a', own.now() + 60_000)).toBe(true);
    own.pass(60_001);
    expect(used('b', own.now() + 60_000)).toBe(false);
    expect(used('a', own.now() + 60_000)).toBe(false);
  });

  test('is remembered within bounds, the newest longest', () => {
    const used = createUsed(clock, 3);
    const uses = ['a', 'b', 'c', 'a', 'd', 'd', 'a'].map((token) => used(token, clock.now() + 60_000));
    expect(uses).toEqual([false, false, false, true, false, true, false]);
  });
});

describe('the keys', () => {
  test('are secrets between commas, of at least 32 bytes each', () => {
    expect(parseSessionKeys(` ${NEW} , ${OLD},`)).toEqual([NEW, OLD]);
    expect(parseSessionKeys('ü'.repeat(16))).toEqual(['ü'.repeat(16)]);
    expect(parseSessionKeys(`${NEW},${'x'.repeat(31)}`)).toMatch(/at least 32 bytes/);
    expect(parseSessionKeys(' , ')).toMatch(/must hold a secret/);
  });

  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('of a laptop are made once, whoever starts at once, for the owner’s eyes alone', async () => {
    const folder = join(directory, 'a');
    const keys = new Set(await Promise.all(Array.from({ length: 8 }, () => localSessionKey(folder))));
    expect(keys.size).toBe(1);
    expect(parseSessionKeys([...keys].join())).toEqual([...keys]);
    expect((await stat(join(folder, 'session-key'))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(folder, 'session-key'), 'utf8')).trim()).toBe([...keys][0]);
  });

  test('that are too short for one are an error, not a weak key', async () => {
    await writeFile(join(directory, 'session-key'), 'short\n');
    await expect(localSessionKey(directory)).rejects.toThrow(/session-key holds no key: delete it/);
  });
});
