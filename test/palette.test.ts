import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { refusalPageStyle } from '../src/gateway/refusalPageStyle.ts';

function fileOf(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

const console = fileOf('../src/console/console.css');

function colours(style: string): ReadonlyMap<string, string> {
  return new Map([...style.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name = '', value = '']) => [name, value]));
}

test.each([
  ['in place of a workbench', refusalPageStyle],
  ['of the local cloud’s workbench', fileOf('../local-cloud/webWorkbench/page/style.css')],
])('the pages %s have the console’s colours and type', (_which, style) => {
  const own = colours(style);
  const shared = [...own].map(([name]) => [name, colours(console).get(name)]);
  expect(own.size).toBeGreaterThan(9);
  expect(shared).toEqual([...own]);
});
