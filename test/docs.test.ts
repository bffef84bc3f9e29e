import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import dotenv from 'dotenv';
import { readConfig } from '../src/config.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);

const inConfig = ['src/config.ts', 'src/access/accessVariables.ts', 'src/configWorkbenches.ts'].flatMap((file) =>
  names(read(file), /^ {2}([A-Z][A-Z0-9_]+):/gm),
);
const example = read('.env.example');
const documents = ['.', 'docs', 'docs/decisions', 'local-cloud'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

describe('the documentation', () => {
  test('names the variables that there are: in the tables of docs/configuration.md', () => {
    expect(inConfig.length).toBeGreaterThan(30);
    const documented = names(read('docs/configuration.md'), /^\| `([A-Z][A-Z0-9_]+)` \|/gm);
    expect(documented.sort()).toEqual([...inConfig].sort());
  });

  test('has a README that a newcomer reads to its end', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200);
  });

  test('names the variables that there are: in .env.example', () => {
    expect(names(example, /^#?([A-Z][A-Z0-9_]+)=/gm).sort()).toEqual([...inConfig].sort());
  });

  test('has an example that is valid, with every line of it in force', () => {
    const everything = dotenv.parse(example.replaceAll(/^#(?=[A-Z])/gm, ''));
    expect(readConfig({ ...everything, RESTAPI_AUTH_STATIC_KEY: 'key' })).toMatchObject({ cloud: 'aws', port: 8999 });
  });

  test.each(documents)('has no link in %s to a file that is not there', (path) => {
    const links = names(read(path), /\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
    expect(links.filter((link) => !existsSync(join(root, dirname(path), link ?? '')))).toEqual([]);
  });
});
