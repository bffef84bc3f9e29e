import process from 'node:process';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const help = `Hostile bytes against the gateway, from clients and from tasks.

  npm run test:gateway -- [--inputs 100000] [--seed N]
`;

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(help);
  process.exit();
}
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
process.stdout.write(`seed ${seed}\n`);
const startedAt = performance.now();
const { faults, heapGrowthBytes, ...rest } = await fuzz(Number(values.inputs), seed);
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.stdout.write(`${JSON.stringify(rest)}\nheap grew by ${Math.round(heapGrowthBytes / 1e6)} MB, ${seconds} s\n`);
for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
process.exit(faults.length > 0 ? 1 : 0);
