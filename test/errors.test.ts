import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { codeOf, statusOf } from '../src/http/schemas/failure.ts';
import { meanings } from '../src/http/schemas/meanings.ts';
import { errorCodes } from '../src/lib/ErrorCode.ts';
import { stoppedReasonCodes } from '../src/workbench/model/Workbench.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const document = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const rows = (pattern: RegExp) => [...document.matchAll(pattern)].map(([, ...cells]) => cells.join(' ')).sort();
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/ErrorCode\.ts|schemas\/(?:failure|meanings)\.ts$/.test(path))
  .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
  .join('\n');

test('the codes of failures that docs/errors.md explains are those that there are, with their statuses and meanings', () => {
  const codes = errorCodes.map((code) => `${code} ${statusOf[code]} ${meanings[code]}`);
  expect(rows(/^\| `([a-z_]+)` \| (\d{3}) \| ([^|]+) \| \S[^|]+ \|$/gm)).toEqual(codes.sort());
});

test('the reasons of stops that docs/errors.md explains are those that there are', () => {
  expect(rows(/^\| `([A-Z]\w+)` \| [^|]+ \| \S[^|]+ \|$/gm)).toEqual([...stoppedReasonCodes].sort());
});

test('no code of a failure is one that nothing answers', () => {
  const saidByStatus = (code: (typeof errorCodes)[number]) => codeOf(statusOf[code]) === code;
  expect(errorCodes.filter((code) => !saidByStatus(code) && !sources.includes(`'${code}'`))).toEqual([]);
});
