import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { providerFindings } from '../../src/doctor/providerFindings.ts';
import { closeAll, listening } from '../gateway/servers.ts';

afterEach(closeAll);

/** A provider that is as a test wants it. */
async function startIssuer(options: Readonly<{ keys?: readonly object[]; aheadMs?: number; issuer?: string }> = {}) {
  const { keys = [{ kty: 'EC', use: 'sig', kid: 'a' }], aheadMs = 0 } = options;
  let own = '';
  const { port } = await listening(
    createServer((request, response) => {
      response.setHeader('Date', new Date(Date.now() + aheadMs).toUTCString());
      const metadata = { issuer: options.issuer ?? own, jwks_uri: `${own}/certs` };
      response.end(JSON.stringify(request.url === '/certs' ? { keys } : metadata));
    }),
  );
  own = `http://127.0.0.1:${port}`;
  return own;
}

const findings = async (issuer: string) => {
  const rules = { audience: 'a', clientId: undefined, userClaim: 'sub', operatorRole: undefined };
  const found = await providerFindings({ oidc: { issuer, ...rules } });
  return found.map(({ verdict, check, message }) => `${verdict} ${check}: ${message}`);
};

test('a provider that answers, with keys and the right time, is in order', async () => {
  const issuer = await startIssuer();
  expect(await findings(issuer)).toEqual([
    `ok provider: ${issuer} answers, with 1 keys that sign tokens`,
    expect.stringMatching(/^ok clock: .* [01] s apart$/),
  ]);
});

test('nothing is said of a provider where there is none', async () => {
  expect(await providerFindings({ oidc: undefined })).toEqual([]);
});

test('a provider that is away, or calls itself otherwise, has failed', async () => {
  const away = await startIssuer();
  await closeAll();
  expect(await findings(away)).toEqual([expect.stringMatching(/^failed provider: .*ECONNREFUSED/)]);
  const issuer = await startIssuer({ issuer: 'https://id.example' });
  expect(await findings(issuer)).toEqual([
    expect.stringMatching(/^failed provider: .*calls itself https:\/\/id.example/),
  ]);
});

test.each([[[]], [[{ kty: 'oct' }]], [[{ kty: 'RSA', use: 'enc' }]]])('keys %j sign nothing', async (keys) => {
  expect((await findings(await startIssuer({ keys })))[0]).toMatch(/^failed provider: .*no key that signs/);
});

test.each([
  [90_000, 'ahead of'],
  [-90_000, 'behind'],
])('a clock that is %i ms off is to be looked at', async (aheadMs, where) => {
  expect((await findings(await startIssuer({ aheadMs })))[1]).toMatch(new RegExp(`^warning clock: .*s ${where} this`));
});
