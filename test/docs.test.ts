import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import dotenv from 'dotenv';
import { readConfig } from '../src/config.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);

const inConfig = names(read('src/config.ts'), /^ {2}([A-Z][A-Z0-9_]+):/gm);
const example = read('.env.example');

describe('the documentation', () => {
  test('names the variables that there are: in the README’s table', () => {
    expect(inConfig.length).toBeGreaterThan(30);
    expect(names(read('README.md'), /^\| `([A-Z][A-Z0-9_]+)` +\|/gm).sort()).toEqual([...inConfig].sort());
  });

  test('names the variables that there are: in .env.example', () => {
    expect(names(example, /^#?([A-Z][A-Z0-9_]+)=/gm).sort()).toEqual([...inConfig].sort());
  });

  test('has an example that is valid, with every line of it in force', () => {
    const everything = dotenv.parse(example.replaceAll(/^#(?=[A-Z])/gm, ''));
    expect(readConfig({ ...everything, RESTAPI_AUTH_STATIC_KEY: 'key' })).toMatchObject({ cloud: 'aws', port: 8999 });
  });

  test.each(['README.md', 'CHANGELOG.md', 'docs/deploying.md', 'local-cloud/README.md'])(
    'has no link in %s to a file that is not there',
    (path) => {
      const links = names(read(path), /\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
      expect(links.filter((link) => !existsSync(join(root, dirname(path), link ?? '')))).toEqual([]);
    },
  );
});
