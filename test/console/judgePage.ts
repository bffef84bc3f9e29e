import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';

const rules = readFileSync(join(dirname(createRequire(import.meta.url).resolve('axe-core')), 'axe.min.js'), 'utf8');

type Violations = readonly Readonly<{ id: string; nodes: readonly Readonly<{ html: string }>[] }>[];
declare const axe: Readonly<{ run: () => Promise<Readonly<{ violations: Violations }>> }>;

/** What axe has against the page as it is now. The page's policy lets no script of others in: it is put in from outside. */
export async function judgePage(page: Page): Promise<readonly string[]> {
  await page.evaluate(rules);
  const violations = await page.evaluate(async () => (await axe.run()).violations);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
