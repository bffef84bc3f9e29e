import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { accessFindings } from '../../src/doctor/accessFindings.ts';

/** What is found, with authentication on. */
function findings(environment: Readonly<Record<string, string>>): string[] {
  const config = readConfig({ RESTAPI_AUTH_STATIC_KEY: 'key', ...environment });
  return accessFindings(config).map(({ verdict, check, message }) => `${verdict} ${check}: ${message}`);
}

describe('the base URL', () => {
  test.each([
    ['https://{wid}.wb.example.net', 'https://api.example.com', 'ok'],
    ['https://{wid}.wb.example.com', 'https://api.example.com', 'warning'],
    ['https://{wid}-wb.example.com', 'https://example.com/api', 'warning'],
    ['https://{wid}.wb.example.co.uk', 'https://api.other.co.uk', 'ok'],
    ['https://{wid}.wb.example.co.uk', 'https://api.example.co.uk', 'warning'],
    // Customers of one host are no site.
    ['https://{wid}.one.github.io', 'https://two.github.io', 'ok'],
    ['http://{wid}.localhost:8999', 'http://localhost:8999', 'ok'],
  ])('%s beside the API at %s: %s', (base, api, verdict) => {
    const [found = ''] = findings({ WB_BASE_URL: base, RESTAPI_PUBLIC_URL: api });
    expect(found).toMatch(new RegExp(`^${verdict} base URL: `));
    expect(found.includes('are one site')).toBe(verdict === 'warning');
  });

  test('is in order where the API’s host is not known', () => {
    expect(findings({ WB_BASE_URL: 'https://{wid}.wb.example.net' })).toEqual([
      'ok base URL: each workbench has a host of its own',
    ]);
  });

  test('is to be looked at with a path for each workbench, where that protects one from another', () => {
    const path = { WB_BASE_URL: 'https://cloud.example.net/project' };
    expect(findings(path)).toEqual([expect.stringMatching(/^warning base URL: all workbenches are pages of one host/)]);
    expect(findings({ ...path, RESTAPI_AUTH_STATIC_KEY: '' })).toEqual([]);
    expect(findings({})).toEqual([]);
  });
});

test.each([
  ['0.0.0.0/0', 'everybody'],
  ['::/0', 'everybody'],
  ['10.0.0.0/8', 'everything in 10.0.0.0/8'],
  ['172.16.0.0/12', 'everything in 172.16.0.0/12'],
  ['192.168.0.0/16', 'everything in 192.168.0.0/16'],
  ['fc00::/7', 'everything in fc00::/7'],
])('proxies trusted as widely as %s are to be looked at', (proxies, who) => {
  expect(findings({ WB_TRUSTED_PROXIES: `10.1.2.3,${proxies}` })).toEqual([
    expect.stringMatching(`^warning trusted proxies: ${who} may say`),
  ]);
});

test('proxies that are named are in order', () => {
  expect(findings({ WB_TRUSTED_PROXIES: '10.1.2.3, 10.1.3.0/24, fd12:3456::/64' })).toEqual([
    'ok trusted proxies: 3 of them may say whom a request comes from',
  ]);
});
