#!/usr/bin/env node
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import dotenv from 'dotenv';
import { type LocalCloud, startLocalCloud } from './LocalCloud.ts';
import { localDefaults } from './localDefaults.ts';
import { logTo } from './logTo.ts';
import { createRuntime, runtimeNames } from './runtime/createRuntime.ts';
import { defaultTiming } from './timing.ts';

const help = `Runs the local cloud: ECS and EFS on this host, for controllers and any AWS client.

  npm run local-cloud -- [--port N] [--dir D] [--runtime R]

  --port N   the endpoint's port on 127.0.0.1   (WB_LOCAL_PORT; default: any that is free)
  --dir D    where its data are                 (WB_LOCAL_DIR; default: ./.workbenches)
  --runtime process|docker                      (WB_LOCAL_RUNTIME; default: process)
  --help     this text
`;

dotenv.config({ quiet: true });

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      dir: { type: 'string' },
      runtime: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const port = values.port ?? process.env['WB_LOCAL_PORT'] ?? '0';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`--port ${port}: a number from 0 to 65535`);
  const dir = values.dir ?? process.env['WB_LOCAL_DIR'] ?? './.workbenches';
  const logger = logTo(process.stdout, process.env['LOG_LEVEL'] ?? 'warn');
  const runtimeName = runtimeNames.find(
    (name) => name === (values.runtime ?? process.env['WB_LOCAL_RUNTIME'] ?? 'process'),
  );
  if (runtimeName === undefined) throw new Error(`--runtime: ${runtimeNames.join(' or ')}`);
  const runtime = await createRuntime(runtimeName, { dir: join(dir, 'runtime'), nodePath: process.execPath, logger });
  const region = process.env['AWS_REGION'] ?? localDefaults.region;
  const cloud = await startLocalCloud({ dir, port: Number(port), region, timing: defaultTiming, runtime, logger });
  process.stdout.write(description(cloud, dir));

  const stop = (): void => {
    cloud.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'local cloud: not closed cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** What a person reads and pastes. The keys are dummies: the SDK and the CLI insist on some, nobody checks them. */
function description({ url, region, cluster, fileSystemId, subnets, securityGroups }: LocalCloud, dir: string): string {
  return `The local cloud is at ${url}, its data in ${dir}
  cluster          ${cluster}
  file system      ${fileSystemId}
  subnets          ${subnets.join(', ')}
  security groups  ${securityGroups.join(', ')}

For the AWS CLI and the SDKs:
  export AWS_ENDPOINT_URL=${url} AWS_REGION=${region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
For a controller, in addition:
  export WB_CLOUD=aws ECS_CLUSTER=${cluster} ECS_SUBNETS=${subnets.join(',')} EFS_FILE_SYSTEM_ID=${fileSystemId}
  export WB_LOG_GROUP=${localDefaults.logGroup} ECS_EXECUTION_ROLE_ARN=arn:aws:iam::${localDefaults.accountId}:role/execution

Calls, faults and timing: ${url}/_local/calls, /_local/faults, /_local/timing
`;
}
