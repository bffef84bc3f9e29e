import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import type { Configuration, JWKS, Provider } from 'oidc-provider';

export const PASSWORD = 'correct horse';
export const CLIENT = { clientId: 'web', clientSecret: 'a secret of the client' };
export const AUDIENCE = 'workbenches';

type Options = Readonly<{
  /** The controller's root: what it may send browsers back to, and where logouts are told. */
  publicUrl: string;
  /** Realm roles by user. */
  roles?: Readonly<Record<string, readonly string[]>>;
  /** Claims of a user beside `sub`, which is the name they log in with. */
  claims?: (user: string) => Record<string, unknown>;
}>;

/** Its warnings are for those who would run it in production. */
function silenceProvider(): void {
  for (const level of ['info', 'warn'] as const) {
    const write = console[level].bind(console);
    console[level] = (...line: unknown[]) => {
      if (!String(line[0]).startsWith('oidc-provider ')) write(...line);
    };
  }
}

async function freshKeys(kid: string): Promise<JWKS> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { keys: [{ ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }] } as JWKS;
}

/**
 * A real OpenID provider on loopback that looks like Keycloak from outside: access tokens as JWTs of `typ` Bearer with an
 * audience and realm roles, and logouts told behind the browser's back. Everybody's password is the same.
 */
export async function startProvider({ publicUrl, roles = {}, claims = () => ({}) }: Options) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  silenceProvider();
  const { Provider } = await import('oidc-provider');
  let provider = create(issuer, await freshKeys('first'));

  function create(ownIssuer: string, jwks: JWKS): Provider {
    const configuration: Configuration = {
      jwks,
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: [`${publicUrl}/auth/callback`],
          post_logout_redirect_uris: [`${publicUrl}/auth/logged-out`],
          backchannel_logout_uri: `${publicUrl}/auth/backchannel-logout`,
          grant_types: ['authorization_code'],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      cookies: { keys: ['for tests'] },
      ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 300, AuthorizationCode: 60, IdToken: 300 },
      scopes: ['openid', 'profile', 'email'],
      conformIdTokenClaims: false,
      claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...claims(accountId) }) }),
      interactions: { url: (_context, { uid }) => `/login/${uid}` },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: {
          logoutSource: (context, form) => {
            context.body = `${form}<button form="op.logoutForm" name="logout" value="yes">Log out</button>`;
          },
          postLogoutSuccessSource: (context) => {
            context.body = 'Logged out';
          },
        },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => `urn:${AUDIENCE}`,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: 'openid',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      formats: {
        customizers: {
          jwt: (_context, token, jwt) => {
            const user = 'accountId' in token ? String(token.accountId) : '';
            jwt.header = { ...jwt.header, typ: 'JWT' };
            jwt.payload = {
              ...jwt.payload,
              typ: 'Bearer',
              realm_access: { roles: roles[user] ?? [] },
              ...claims(user),
            };
          },
        },
      },
      // Its own way with addresses would refuse to tell this machine of logouts.
      fetch: (url, { dispatcher: _itsOwn, ...options } = {}) => fetch(url, options),
      // Nobody is asked whether they agree.
      loadExistingGrant: async (context) => {
        const { client, session, provider: own } = context.oidc;
        if (!client || !session?.accountId) return undefined;
        // One for all tabs: with another, the codes of the first would not serve any more.
        const known = session.grantIdFor(client.clientId);
        if (known) return await own.Grant.find(known);
        const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope('openid profile email');
        grant.addResourceScope(`urn:${AUDIENCE}`, 'openid');
        await grant.save();
        return grant;
      },
    };
    return new Provider(ownIssuer, configuration);
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/login/')) void logIn(provider, request, response);
    else void provider.callback()(request, response);
  });

  return {
    issuer,
    /** Signs with another key from now on; the old one is gone, and so is who was logged in. */
    rotate: async () => {
      provider = create(issuer, await freshKeys('second'));
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The page that asks for name and password, and what becomes of the answer. */
async function logIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(
      '<form method=post><input name=login><input name=password type=password><button>Log in</button></form>',
    );
    return;
  }
  const form = new URLSearchParams(await text(request));
  const right = form.get('password') === PASSWORD;
  const outcome = right ? { login: { accountId: form.get('login') ?? '' } } : { error: 'access_denied' };
  await provider.interactionFinished(request, response, outcome, { mergeWithLastSubmission: false });
}
