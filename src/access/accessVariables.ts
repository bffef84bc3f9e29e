import { z } from 'zod';
import type { AccessTokenRules } from './bearer/accessToken.ts';
import { parseBaseUrl } from './hosts/baseUrl.ts';
import { isSafe } from './hosts/isSafe.ts';
import { parseTrustedProxies } from './hosts/trustedProxies.ts';
import { parseSessionKeys } from './signed/sessionKeys.ts';

const list = z.string().transform((text) => text.split(',').flatMap((part) => part.trim() || []));

/** A parser that gives what is wrong as text, as a schema. */
function parsedBy<From, To>(parse: (value: From) => To | string) {
  return (value: From, context: z.RefinementCtx<From>): To => {
    const parsed = parse(value);
    if (typeof parsed !== 'string') return parsed;
    context.addIssue({ code: 'custom', message: parsed });
    return z.NEVER;
  };
}

const isUrl = (text: string) => /^https?:\/\/[^\s?#]+$/i.test(text) && URL.canParse(text) && !new URL(text).username;

/** Kept as it is written, slash at the end included: it is compared letter by letter. */
const issuer = z
  .string()
  .refine((text) => isUrl(text) && isSafe(text), 'must be an https URL (http on this machine alone), without query');

const publicUrl = z
  .string()
  .refine(isUrl, 'must be an http or https URL, without query and fragment')
  .transform((url) => url.replace(/\/+$/, ''));

/** CSP takes a list of origins here, wildcards for the first label included. */
const frameAncestor = z
  .string()
  .regex(
    /^https?:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i,
    'must be origins such as https://portal.example.com',
  );

/** Variables of access, each by itself. Unset and empty have been made the same before. */
export const accessVariables = {
  RESTAPI_AUTH_OIDC_ISSUER: issuer.optional(),
  RESTAPI_AUTH_OIDC_AUDIENCE: z.string().optional(),
  RESTAPI_AUTH_OIDC_CLIENT_ID: z.string().optional(),
  RESTAPI_AUTH_OIDC_CLIENT_SECRET: z.string().optional(),
  RESTAPI_AUTH_OIDC_USER_CLAIM: z.string().default('sub'),
  RESTAPI_AUTH_OIDC_OPERATOR_ROLE: z.string().optional(),
  RESTAPI_PUBLIC_URL: publicUrl.optional(),
  WB_BASE_URL: z.string().transform(parsedBy(parseBaseUrl)).optional(),
  WB_SESSION_KEYS: z.string().transform(parsedBy(parseSessionKeys)).optional(),
  WB_TRUSTED_PROXIES: list
    .transform(
      parsedBy((entries: readonly string[]) => {
        const proxies = parseTrustedProxies(entries);
        return typeof proxies === 'string' ? 'must be addresses or networks such as 10.0.0.0/8' : proxies;
      }),
    )
    .optional(),
  WB_FRAME_ANCESTORS: list.pipe(z.array(frameAncestor)).default([]),
  WB_LOGIN_URL: publicUrl.optional(),
};

type AccessVariables = z.infer<z.ZodObject<typeof accessVariables>>;

/** Which access tokens pass; undefined: none do. */
export function accessTokenRules(given: AccessVariables): AccessTokenRules | undefined {
  const { RESTAPI_AUTH_OIDC_ISSUER: issuer, RESTAPI_AUTH_OIDC_AUDIENCE: audience } = given;
  if (issuer === undefined || audience === undefined) return undefined;
  return {
    issuer,
    audience,
    clientId: given.RESTAPI_AUTH_OIDC_CLIENT_ID,
    userClaim: given.RESTAPI_AUTH_OIDC_USER_CLAIM,
    operatorRole: given.RESTAPI_AUTH_OIDC_OPERATOR_ROLE,
  };
}

/** Us at the provider, if browsers log in there. Without a secret it is a public client: PKCE alone vouches for it. */
export type Client = Readonly<{ clientId: string; clientSecret: string | undefined }>;

export function clientOf(given: AccessVariables): Client | undefined {
  const { RESTAPI_AUTH_OIDC_CLIENT_ID: clientId, RESTAPI_AUTH_OIDC_CLIENT_SECRET: clientSecret } = given;
  return clientId === undefined ? undefined : { clientId, clientSecret };
}

/** Logouts are told by `sub`, and records know users by the claim that was chosen. */
export function accessWarnings(given: AccessVariables): readonly string[] {
  const { RESTAPI_AUTH_OIDC_CLIENT_ID: clientId, RESTAPI_AUTH_OIDC_USER_CLAIM: claim } = given;
  return clientId === undefined || claim === 'sub'
    ? []
    : [
        `RESTAPI_AUTH_OIDC_USER_CLAIM is ${claim}, so back-channel logouts are refused: they name the user by "sub" alone`,
      ];
}

type Given = Readonly<Record<string, string | undefined>>;
export type AccessFault = Readonly<{ variable: string; message: string }>;

/** What only the rest of the configuration tells. */
export type Surroundings = Readonly<{ aws: boolean; gateway: boolean }>;

export function isAuthenticated(given: Given): boolean {
  return ['RESTAPI_AUTH_STATIC_KEY', 'RESTAPI_AUTH_JWT_KEY', 'RESTAPI_AUTH_OIDC_ISSUER'].some((name) => given[name]);
}

/** What is wrong with one variable beside the others. `given` holds what is set to something. */
export function accessFaults(given: Given, { aws, gateway }: Surroundings): readonly AccessFault[] {
  const faults: AccessFault[] = [];
  const fault = (variable: string, message: string) => faults.push({ variable, message });
  const oidc = (name: string) => `RESTAPI_AUTH_OIDC_${name}`;
  const authenticated = isAuthenticated(given);
  const needs = (name: string, needed: string) => given[name] && !given[needed] && fault(name, `needs ${needed}`);

  for (const name of ['AUDIENCE', 'CLIENT_ID', 'USER_CLAIM', 'OPERATOR_ROLE']) needs(oidc(name), oidc('ISSUER'));
  if (given[oidc('ISSUER')] && !given[oidc('AUDIENCE')]) {
    fault(oidc('AUDIENCE'), 'is needed with an issuer: a token for anybody else must not pass here');
  }
  needs('RESTAPI_AUTH_JWT_USER_CLAIM', 'RESTAPI_AUTH_JWT_KEY');
  needs(oidc('CLIENT_SECRET'), oidc('CLIENT_ID'));
  if (aws && given[oidc('CLIENT_ID')] && !given['RESTAPI_PUBLIC_URL']) {
    fault('RESTAPI_PUBLIC_URL', 'is needed with an OIDC client: browsers come back to it');
  }
  const comeBackTo = publicUrl.safeParse(given['RESTAPI_PUBLIC_URL']).data;
  if (given[oidc('CLIENT_ID')] && comeBackTo !== undefined && !isSafe(comeBackTo)) {
    fault('RESTAPI_PUBLIC_URL', 'must be https with an OIDC client (http on this machine alone): codes travel by it');
  }
  const signs = (gateway && authenticated) || given['WB_TRUSTED_PROXIES'] || given[oidc('CLIENT_ID')];
  if (aws && authenticated && signs && !given['WB_SESSION_KEYS']) {
    fault('WB_SESSION_KEYS', 'is needed where browsers enter workbenches; openssl rand -hex 32 makes one');
  }
  if (!authenticated && (given['RESTAPI_CORS_ORIGINS'] ?? '').split(',').some((origin) => origin.trim() === '*')) {
    fault('RESTAPI_CORS_ORIGINS', 'must name its origins with authentication off: any page could act for every user');
  }
  return faults;
}

/**
 * An empty key closes no door. What was meant to be a secret may have got lost on its way here.
 *
 * @param environment as it is, before what is set to nothing is taken for unset
 * @returns a fault if the door would stand open to others than this machine, else a warning, else nothing
 */
export function emptyKey(environment: Given): Readonly<{ kind: 'fault' | 'warning' } & AccessFault> | undefined {
  const variable = 'RESTAPI_AUTH_STATIC_KEY';
  const value = environment[variable];
  if (value === undefined || value.trim() !== '') return undefined;
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text?.trim()));
  const host = set['HOST'];
  const open = !isAuthenticated(set) && host !== undefined && !isSafe(urlOf(host));
  const message = 'is set to nothing: give it a secret, or take it out';
  return { kind: open ? 'fault' : 'warning', variable, message };
}

function urlOf(host: string): string {
  const url = `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}/`;
  return URL.canParse(url) ? url : 'http://unknown.invalid/';
}
