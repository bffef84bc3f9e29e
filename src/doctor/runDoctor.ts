import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { createClients } from '../aws/clients.ts';
import { cloudTarget } from '../aws/cloudTarget.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { systemClock } from '../lib/clock.ts';
import { defaultTimings } from '../lib/timings.ts';
import { type LocalCloud, startLocalCloud } from '../localcloud/LocalCloud.ts';
import { localDefaults } from '../localcloud/localDefaults.ts';
import { createIdleRuntime } from '../localcloud/runtime/idleRuntime.ts';
import { instantTiming } from '../localcloud/timing.ts';
import { configFindings } from './configFindings.ts';
import { examine } from './examine.ts';
import { type Finding, failed, lineOf, ok, summaryOf } from './Finding.ts';
import { localFindings } from './localFindings.ts';
import { credentialsRemedy } from './refused.ts';

/**
 * Checks the configuration before it matters, and changes nothing.
 * @param write takes one line a check
 * @returns whether none failed
 */
export async function runDoctor(
  environment: Readonly<Record<string, string | undefined>>,
  write: (line: string) => void,
): Promise<boolean> {
  const findings = await findingsOf(environment);
  for (const finding of findings) write(lineOf(finding));
  write(summaryOf(findings));
  return findings.every(({ verdict }) => verdict !== 'failed');
}

async function findingsOf(environment: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .map((line) => failed('configuration', line.trim(), 'The README lists every variable'));
  }
  const findings = configFindings(config, Boolean(environment['WB_BASE_URL']?.trim()));
  if (!config.embedded) return [...findings, ...(await cloudFindings(config, undefined))];
  findings.push(...(await localFindings(config)));
  // A local cloud of its own, as the controller would start one: that of a running controller is left alone.
  const dir = await mkdtemp(join(tmpdir(), 'workbench-doctor-'));
  const logger: Logger = pino({ level: 'silent' });
  const { region = localDefaults.region } = config;
  const cloud = await startLocalCloud({
    dir,
    port: 0,
    region,
    timing: instantTiming,
    runtime: createIdleRuntime(),
    logger,
  });
  try {
    return [...findings, ...(await cloudFindings(config, cloud))];
  } finally {
    await cloud.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function cloudFindings(config: Config, cloud: LocalCloud | undefined): Promise<Finding[]> {
  const target = cloudTarget(config, cloud?.url);
  const clients = createClients(target, { clock: systemClock, timings: defaultTimings });
  try {
    const region = await clients.ecs.config.region().catch(() => undefined);
    if (!region) return [failed('Region', 'none is set', 'Set AWS_REGION to the Region of the cluster')];
    const credentials = await clients.ecs.config.credentials().then(
      () => undefined,
      (error: unknown) => failed('credentials', `there are none (${messageOf(error)})`, credentialsRemedy),
    );
    if (credentials) return [ok('Region', region), credentials];
    return [ok('Region', region), ...(await examine({ ...config, ...target, region }, clients))];
  } finally {
    clients.ecs.destroy();
    clients.efs.destroy();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
