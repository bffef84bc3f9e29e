import { endpointOf } from '../access/hosts/baseUrl.ts';
import type { Config } from '../config.ts';
import { type Finding, ok, warning } from './Finding.ts';

/** What is allowed and yet perhaps not meant. Faults have ended the start before. */
export function configFindings(
  { cloud, authenticated, base, region, warnings }: Config,
  baseUrlGiven: boolean,
): Finding[] {
  const findings = [
    ok('configuration', `every value is in order; cloud: ${cloud}, Region: ${region ?? "the SDK's own"}`),
  ];
  for (const message of warnings) findings.push(warning('configuration', message, 'It closes no door as it is'));
  if (cloud === 'local') return findings;
  if (!authenticated) {
    const remedy = 'Set RESTAPI_AUTH_STATIC_KEY, RESTAPI_AUTH_JWT_KEY or RESTAPI_AUTH_OIDC_ISSUER';
    findings.push(warning('authentication', 'it is off: whoever reaches the port acts for every user', remedy));
  }
  if (!baseUrlGiven) {
    const remedy = 'Set WB_BASE_URL to the address at which users open their workbenches';
    findings.push(
      warning(
        'base URL',
        `WB_BASE_URL is not set, so workbenches say they are at ${base ? endpointOf(base, '<wid>') : 'localhost'}`,
        remedy,
      ),
    );
  }
  return findings;
}
