import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createClients } from '../aws/clients.ts';
import { cloudTarget } from '../aws/cloudTarget.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { systemClock } from '../lib/clock.ts';
import { defaultTimings } from '../lib/timings.ts';
import { embedLocalCloud, NoLocalCloudError } from '../localCloud.ts';
import { accessFindings } from './accessFindings.ts';
import { configFindings } from './configFindings.ts';
import { examine } from './examine.ts';
import { type Finding, failed, lineOf, ok, summaryOf } from './Finding.ts';
import { localFindings } from './localFindings.ts';
import { providerFindings } from './providerFindings.ts';
import { credentialsRemedy } from './refused.ts';
import type { Target } from './Target.ts';

/**
 * Checks the configuration before it matters, and changes nothing.
 * @param write takes one line a check
 * @returns whether none failed
 */
export async function runDoctor(
  environment: Readonly<Record<string, string | undefined>>,
  write: (line: string) => void,
  nodePath: string,
): Promise<boolean> {
  const findings = await findingsOf(environment, nodePath);
  for (const finding of findings) write(lineOf(finding));
  write(summaryOf(findings));
  return findings.every(({ verdict }) => verdict !== 'failed');
}

async function findingsOf(
  environment: Readonly<Record<string, string | undefined>>,
  nodePath: string,
): Promise<Finding[]> {
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
  findings.push(...accessFindings(config), ...(await providerFindings(config)));
  if (!config.embedded) return [...findings, ...(await cloudFindings(config, undefined))];
  findings.push(...(await localFindings(config)));
  // A local cloud of its own, as the controller would start one: that of a running controller is left alone.
  const dir = await mkdtemp(join(tmpdir(), 'workbench-doctor-'));
  const logger = pino({ level: 'silent' });
  const { region, logGroup } = config;
  try {
    const cloud = await embedLocalCloud({ dir, port: 0, region, logGroup, runtime: 'process', nodePath, logger });
    findings.push(...(await cloudFindings(config, cloud.url).finally(() => cloud.close())));
  } catch (error) {
    if (!(error instanceof NoLocalCloudError)) throw error;
    const [message = '', remedy = ''] = error.message.split('. ');
    findings.push(failed('local cloud', message, remedy));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return findings;
}

async function cloudFindings(config: Config, localUrl: string | undefined): Promise<Finding[]> {
  const target = cloudTarget(config, localUrl);
  const clients = createClients(target, { clock: systemClock, timings: defaultTimings });
  try {
    const region = await clients.ecs.config.region().catch(() => undefined);
    if (!region) return [failed('Region', 'none is set', 'Set AWS_REGION to the Region of the cluster')];
    const credentials = await clients.ecs.config.credentials().then(
      () => undefined,
      (error: unknown) => failed('credentials', `there are none (${messageOf(error)})`, credentialsRemedy),
    );
    if (credentials) return [ok('Region', region), credentials];
    return [ok('Region', region), ...(await examine({ ...config, ...target, ...namedBy(config), region }, clients))];
  } finally {
    for (const client of [clients.ecs, clients.efs, ...Object.values(clients.once)]) client.destroy();
  }
}

/** What all profiles name, each once. */
function namedBy({ offer: { profiles } }: Config): Pick<Target, 'images' | 'capacityProviders'> {
  const providers = profiles.flatMap((profile) => profile.capacityProviders.map((one) => one.capacityProvider));
  return { images: [...new Set(profiles.map(({ image }) => image))], capacityProviders: [...new Set(providers)] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
