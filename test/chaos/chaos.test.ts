import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inProcessReplicas } from './inProcess.ts';
import { runScenario } from './runScenario.ts';
import { scenarios, scriptOf } from './steps.ts';

/** After so many milliseconds no other scenario is begun. */
const BUDGET_MS = 15_000;

const source = inProcessReplicas();
afterAll(() => source.close());

test('whatever users, clouds and crashes do, nothing is doubled, orphaned or lost', async () => {
  const seed = Date.now();
  process.stdout.write(`chaos: seed ${seed}\n`);
  let ends: number | undefined;
  const property = fc.asyncProperty(scenarios(12), async (scenario) => {
    if (ends !== undefined && performance.now() > ends) return;
    ends ??= performance.now() + BUDGET_MS;
    const { violations } = await runScenario(scenario, source);
    if (violations.length > 0) throw new Error(`${scriptOf(scenario)}\n\n${violations.join('\n')}`);
  });
  await expect(fc.assert(property, { seed, numRuns: 6, endOnFailure: true })).resolves.toBeUndefined();
});
