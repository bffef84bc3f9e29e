import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  accessFaults,
  accessTokenRules,
  accessVariables,
  accessWarnings,
  clientOf,
  emptyKey,
  isAuthenticated,
} from './access/accessVariables.ts';
import type { BaseUrl } from './access/hosts/baseUrl.ts';
import { hidesApi } from './configHidesApi.ts';
import {
  absolutePath,
  bearerToken,
  cloudOf,
  clusterName,
  filePath,
  fileSystemId,
  flag,
  hasGateway,
  httpUrl,
  list,
  logGroup,
  origin,
  port,
  region,
  roleArn,
  stackName,
  wholeNumber,
} from './configValues.ts';
import { limitsOf, readOffer, workbenchVariables } from './configWorkbenches.ts';

const DEFAULT_BASE: BaseUrl = { scheme: 'https', port: '', mode: 'path', hostname: 'cloud.h1st.ai', path: '/project' };

const variables = z.object({
  PORT: port.default(8999),
  HOST: z.string().optional(),
  RESTAPI_URL_PREFIX: absolutePath.default(''),
  RESTAPI_AUTH_STATIC_KEY: bearerToken.optional(),
  RESTAPI_AUTH_JWT_KEY: z.string().optional(),
  RESTAPI_AUTH_JWT_USER_CLAIM: z.string().optional(),
  ...accessVariables,
  RESTAPI_CORS_ORIGINS: list.pipe(z.array(origin)).default([]),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  WB_CLOUD: z.enum(['aws', 'local']).optional(),
  AWS_ENDPOINT_URL: httpUrl.optional(),
  AWS_ENDPOINT_URL_ECS: httpUrl.optional(),
  AWS_ENDPOINT_URL_EFS: httpUrl.optional(),
  AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: httpUrl.optional(),
  AWS_REGION: region.optional(),
  ECS_CLUSTER: clusterName.optional(),
  ECS_SUBNETS: list
    .pipe(z.array(z.string()).min(1, 'must name a subnet').max(16, 'must be at most 16 subnets'))
    .optional(),
  ECS_SECURITY_GROUPS: list.pipe(z.array(z.string()).max(5, 'must be at most 5 security groups')).default([]),
  ECS_ASSIGN_PUBLIC_IP: flag.default(false),
  ECS_EXECUTION_ROLE_ARN: roleArn.optional(),
  ECS_TASK_ROLE_ARN: roleArn.optional(),
  WB_LOG_GROUP: logGroup.optional(),
  EFS_FILE_SYSTEM_ID: fileSystemId.optional(),
  WB_STACK: stackName.default('workbench'),
  ...workbenchVariables,
  WB_CONTAINER_PORT: wholeNumber(1, 65_535).default(3000),
  WB_WORKSPACE_PATH: filePath.default('/home/project'),
  WB_POSIX_UID: wholeNumber(0, 4_294_967_295).default(1000),
  WB_POSIX_GID: wholeNumber(0, 4_294_967_295).default(1000),
  WB_STATUS_CALLS_PER_SECOND: wholeNumber(1, 20).default(10),
  WB_GATEWAY: z.enum(['builtin', 'off']).optional(),
  WB_MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(20_000),
  WB_LOCAL_DIR: z.string().default('./.workbenches'),
  WB_LOCAL_PORT: port.default(0),
  WB_LOCAL_RUNTIME: z.enum(['process', 'docker'], 'must be process or docker').default('process'),
});

type Given = Readonly<Record<string, string>>;
type Fault = Readonly<{ variable: string; message: string }>;

/** What is wrong with each variable by itself, and then with one beside the others: all of it at once. */
function faultsOf(given: Given, issues: readonly z.core.$ZodIssue[], ofOffer: readonly Fault[]): readonly Fault[] {
  const alone = issues.map(({ path, message }) => ({ variable: String(path[0]), message }));
  return [...alone, ...ofOffer, ...faultsBetween(given)];
}

function faultsBetween(given: Given): readonly Fault[] {
  const faults: Fault[] = [];
  const { shape } = variables;
  const prefix = shape.RESTAPI_URL_PREFIX.safeParse(given['RESTAPI_URL_PREFIX']).data;
  const baseUrl = shape.WB_BASE_URL.safeParse(given['WB_BASE_URL']);
  const cloud = given['WB_CLOUD'] ?? (given['ECS_CLUSTER'] ? 'aws' : 'local');
  const base = baseUrl.data ?? DEFAULT_BASE;
  const gateway = hasGateway(given['WB_GATEWAY'], cloud);
  if (prefix !== undefined && baseUrl.success && base.mode === 'path' && gateway) {
    const message = `the workbenches’ path ${base.path || '/'} would hide the API at ${prefix || '/'}`;
    if (hidesApi(base.path, prefix)) faults.push({ variable: 'RESTAPI_URL_PREFIX, WB_BASE_URL', message });
  }
  const chosen = shape.WB_CLOUD.safeParse(given['WB_CLOUD']);
  const aws = chosen.success && cloudOf({ WB_CLOUD: chosen.data, ECS_CLUSTER: given['ECS_CLUSTER'] }) === 'aws';
  faults.push(...accessFaults(given, { aws, gateway }));
  const missing = ['ECS_CLUSTER', 'ECS_SUBNETS', 'EFS_FILE_SYSTEM_ID'].filter((variable) => aws && !given[variable]);
  return [...faults, ...missing.map((variable) => ({ variable, message: 'is needed with WB_CLOUD=aws' }))];
}

function hasEndpoint(env: z.infer<typeof variables>): boolean {
  const { AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_ECS: ecs, AWS_ENDPOINT_URL_EFS: efs } = env;
  return [all, ecs, efs, env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS].some(Boolean);
}

/** What was wrong with the environment: every variable at once. */
export class ConfigError extends Error {}

export type Config = ReturnType<typeof readConfig>;

/**
 * The environment as a frozen configuration. A variable set to nothing counts as unset.
 * @throws ConfigError naming every wrong variable; values are not repeated, as they may be secrets
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  readFile = (path: string): string => readFileSync(path, 'utf8'),
) {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])),
  );
  const parsed = variables.safeParse(given);
  const empty = emptyKey(environment);
  const { offer, faults: ofOffer } = readOffer(given, readFile);
  const faults = [...faultsOf(given, parsed.error?.issues ?? [], ofOffer), ...(empty?.kind === 'fault' ? [empty] : [])];
  if (!parsed.success || faults.length > 0) {
    const lines = new Set(faults.map(({ variable, message }) => `  ${variable}: ${message}`));
    throw new ConfigError(`The configuration is wrong:\n${[...lines].join('\n')}\nThe README lists every variable.`);
  }
  const env = parsed.data;
  const cloud = cloudOf(env);
  const authenticated = isAuthenticated(given);
  return Object.freeze({
    port: env.PORT,
    host: env.HOST ?? (authenticated ? undefined : '127.0.0.1'),
    urlPrefix: env.RESTAPI_URL_PREFIX,
    /** The API's root as browsers see it. */
    publicUrl: env.RESTAPI_PUBLIC_URL,
    corsOrigins: env.RESTAPI_CORS_ORIGINS,
    logLevel: env.LOG_LEVEL,
    authenticated,
    authentication: {
      staticKey: env.RESTAPI_AUTH_STATIC_KEY,
      jwtKey: env.RESTAPI_AUTH_JWT_KEY,
      userClaim: env.RESTAPI_AUTH_JWT_USER_CLAIM,
    },
    oidc: accessTokenRules(env),
    client: clientOf(env),
    /** What is allowed, and hardly meant. */
    warnings: [...(empty?.kind === 'warning' ? [`${empty.variable} ${empty.message}`] : []), ...accessWarnings(env)],
    cloud,
    /** With an endpoint given, the local cloud is somebody else's to run. */
    embedded: cloud === 'local' && !hasEndpoint(env),
    region: env.AWS_REGION,
    endpoints: {
      ecs: env.AWS_ENDPOINT_URL_ECS ?? env.AWS_ENDPOINT_URL,
      efs: env.AWS_ENDPOINT_URL_EFS ?? env.AWS_ENDPOINT_URL,
      logs: env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS ?? env.AWS_ENDPOINT_URL,
    },
    cluster: env.ECS_CLUSTER,
    subnets: env.ECS_SUBNETS,
    securityGroups: env.ECS_SECURITY_GROUPS,
    assignPublicIp: env.ECS_ASSIGN_PUBLIC_IP,
    executionRoleArn: env.ECS_EXECUTION_ROLE_ARN,
    taskRoleArn: env.ECS_TASK_ROLE_ARN,
    logGroup: env.WB_LOG_GROUP,
    fileSystemId: env.EFS_FILE_SYSTEM_ID,
    stack: env.WB_STACK,
    containerPort: env.WB_CONTAINER_PORT,
    workspacePath: env.WB_WORKSPACE_PATH,
    posixUser: { uid: env.WB_POSIX_UID, gid: env.WB_POSIX_GID },
    /** Unset: on this machine, at the port that the server listens on. */
    base: env.WB_BASE_URL ?? (cloud === 'aws' ? DEFAULT_BASE : undefined),
    /** Unset, where something is signed: made once, in the local cloud’s folder. */
    sessionKeys: env.WB_SESSION_KEYS,
    trustedProxies: env.WB_TRUSTED_PROXIES,
    frameAncestors: env.WB_FRAME_ANCESTORS,
    loginUrl: env.WB_LOGIN_URL,
    /** DescribeTasks and ListTasks calls for statuses; ECS allows an account 20 a second. */
    statusCallsPerSecond: env.WB_STATUS_CALLS_PER_SECOND,
    /** What workbenches may be: the profiles. */
    offer,
    limits: limitsOf(env),
    gateway: hasGateway(env.WB_GATEWAY, cloud),
    maxConnections: env.WB_MAX_CONNECTIONS,
    localDirectory: env.WB_LOCAL_DIR,
    localPort: env.WB_LOCAL_PORT,
    localRuntime: env.WB_LOCAL_RUNTIME,
  });
}
