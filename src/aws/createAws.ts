import type { Context } from '../lib/Context.ts';
import { NoTurnError } from '../lib/paceCalls.ts';
import type { Profiles } from '../workbench/model/Profile.ts';
import type { InTurn } from '../workbench/ports.ts';
import { fromAwsError } from './awsErrors.ts';
import { type ClientsConfig, createClients } from './clients.ts';
import { type AccessPointsConfig, createAccessPoints } from './createAccessPoints.ts';
import { createEcsTaskDefinitions } from './createEcsTaskDefinitions.ts';
import { createEcsTasks, type EcsTasksConfig } from './createEcsTasks.ts';
import { createLogs } from './createLogs.ts';
import { createPaces } from './createPaces.ts';
import { createProbe } from './createProbe.ts';
import type { TaskDefinitionConfig } from './taskDefinition.ts';

export type AwsConfig = ClientsConfig & AccessPointsConfig & EcsTasksConfig & Omit<TaskDefinitionConfig, 'region'>;

/** The domain's ports, over ECS and EFS. */
export async function createAws(config: AwsConfig, profiles: Profiles, context: Context) {
  const { answerWithinMs, afterItsTurnMs } = context.timings;
  const clients = createClients(config, context);
  const paces = createPaces(context, clients.throttles);
  const turnWithinMs = Math.max(0, answerWithinMs - afterItsTurnMs);
  const region = config.region ?? (await clients.ecs.config.region());
  const definitionsWithin = (turnMs: number) =>
    createEcsTaskDefinitions(clients, paces, turnMs, { ...config, region }, profiles, context);

  const inTurn: InTurn = async (user, operate) => {
    const until = context.clock.monotonic() + turnWithinMs;
    try {
      return await paces.operations.run(operate, { user, urgency: 'soon', until });
    } catch (error) {
      throw error instanceof NoTurnError ? fromAwsError(error) : error;
    }
  };

  return {
    records: createAccessPoints(clients, paces, turnWithinMs, config, context),
    tasks: createEcsTasks(clients.ecs, config, profiles, context),
    definitions: definitionsWithin(turnWithinMs),
    patientDefinitions: definitionsWithin(Number.POSITIVE_INFINITY),
    logs: createLogs(clients, paces, turnWithinMs, config, context),
    inTurn,
    probe: createProbe(clients, config, context),
    /** Whoever waits for a turn is told that there is none. */
    endTurns: paces.close,
    close(): void {
      for (const client of [clients.ecs, clients.efs, ...Object.values(clients.once)]) client.destroy();
    },
  };
}
