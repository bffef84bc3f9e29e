import * as oidc from 'openid-client';
import type { Client } from '../accessVariables.ts';
import { SKEW_S } from '../bearer/accessToken.ts';
import type { ProviderMetadata } from '../provider/createProvider.ts';

/** A person waits for it. */
const TIMEOUT_S = 5;

/** What openid-client needs to know of the provider and of us. */
export function createConfiguration(
  { issuer, ...metadata }: ProviderMetadata,
  { clientId, clientSecret }: Client,
): oidc.Configuration {
  const configuration = new oidc.Configuration(
    { issuer, ...metadata },
    clientId,
    { [oidc.clockTolerance]: SKEW_S },
    authenticationOf(metadata, clientSecret),
  );
  configuration.timeout = TIMEOUT_S;
  // Without TLS only on this machine: another issuer is refused at start.
  if (issuer.startsWith('http:')) oidc.allowInsecureRequests(configuration);
  return configuration;
}

/** In the header, which is what every provider takes that does not say otherwise. */
function authenticationOf(
  metadata: Readonly<Record<string, unknown>>,
  clientSecret: string | undefined,
): oidc.ClientAuth {
  if (!clientSecret) return oidc.None();
  const methods = metadata['token_endpoint_auth_methods_supported'];
  const basic = !Array.isArray(methods) || methods.includes('client_secret_basic');
  return basic ? oidc.ClientSecretBasic(clientSecret) : oidc.ClientSecretPost(clientSecret);
}
