import { CallBudget } from '../lib/CallBudget.ts';
import type { Context } from '../lib/Context.ts';
import { createPatientCalls } from '../lib/createPatientCalls.ts';
import { createChangeFeed } from './cache/createChangeFeed.ts';
import { createLogReader } from './cache/createLogReader.ts';
import { createOverview } from './cache/createOverview.ts';
import { createRecordFinder } from './cache/createRecordFinder.ts';
import { createRecordReflector } from './cache/createRecordReflector.ts';
import { createStandings } from './cache/createStandings.ts';
import { createStatusWatch } from './cache/createStatusWatch.ts';
import { createTaskPoller } from './cache/createTaskPoller.ts';
import { createTaskSurvey } from './cache/createTaskSurvey.ts';
import { createWorkbenchLister } from './cache/createWorkbenchLister.ts';
import { observeTasks } from './cache/observeTasks.ts';
import { observeWorkbenches } from './cache/observeWorkbenches.ts';
import { RecordStore } from './cache/RecordStore.ts';
import { TaskStore } from './cache/TaskStore.ts';
import { createChanger } from './commands/createChanger.ts';
import { createCreator } from './commands/createCreator.ts';
import { createDeniedCreates } from './commands/createDeniedCreates.ts';
import { createDestroyer } from './commands/createDestroyer.ts';
import { createLauncher } from './commands/createLauncher.ts';
import { createRollback } from './commands/createRollback.ts';
import { createStarter } from './commands/createStarter.ts';
import { createStopper } from './commands/createStopper.ts';
import { createWorkbenchService } from './createWorkbenchService.ts';
import type { Limits } from './model/limits.ts';
import type { Profiles } from './model/Profile.ts';
import type { InTurn, Logs, Records, TaskDefinitions, Tasks } from './ports.ts';
import { createQuotas } from './quotas/createQuotas.ts';
import { createStackCount } from './quotas/createStackCount.ts';
import { createOrphanCollector } from './upkeep/createOrphanCollector.ts';
import { createReasonKeeper } from './upkeep/createReasonKeeper.ts';
import { createSignOuts } from './upkeep/createSignOuts.ts';
import { createSweeper } from './upkeep/createSweeper.ts';

/** For reading single records again; resyncs bring the rest. EFS publishes no rates. */
const RECORD_CALLS_PER_SECOND = 10;

type Cloud = Readonly<{
  records: Records;
  tasks: Tasks;
  definitions: TaskDefinitions;
  /** For what nobody waits for: they let all others pass. */
  patientDefinitions: TaskDefinitions;
  logs: Logs;
  inTurn: InTurn;
}>;

type Settings = Readonly<{
  profiles: Profiles;
  limits: Limits;
  /** DescribeTasks and ListTasks calls for statuses. */
  statusCallsPerSecond: number;
  /** Tells this controller's idempotency keys from those of others in the same Region. */
  scope: readonly string[];
}>;

/** The domain over its ports. */
export function createWorkbenches({ definitions, ...cloud }: Cloud, settings: Settings, context: Context) {
  const { clock } = context;
  const taskCalls = new CallBudget(settings.statusCallsPerSecond, clock);
  const recordCalls = new CallBudget(RECORD_CALLS_PER_SECOND, clock);

  const records = new RecordStore(context);
  const taskStore = new TaskStore(context);
  const workbenches = observeWorkbenches(cloud.records, records, context);
  const atOnce = { take: () => taskCalls.spend(), spend: () => taskCalls.spend() };
  const patient = createPatientCalls(taskCalls, clock);
  const tasks = observeTasks(cloud.tasks, taskStore, atOnce, context);
  const patientTasks = observeTasks(cloud.tasks, taskStore, patient, context);
  const reflector = createRecordReflector(cloud.records, workbenches, records, context);
  const poller = createTaskPoller(tasks, taskStore, taskCalls, context);
  const finder = createRecordFinder(records, reflector, context);
  const lister = createWorkbenchLister(records, finder, reflector, poller, recordCalls, settings.profiles, context);
  const watch = createStatusWatch(lister, records, taskStore, context);
  const { statusCallsPerSecond } = settings;
  const survey = createTaskSurvey(records, reflector, taskStore, patientTasks, statusCallsPerSecond, context);
  const standings = createStandings(records, taskStore, context);
  const overview = createOverview(standings, records, taskStore, poller, survey, lister, context);
  const feed = createChangeFeed(overview, lister, records, taskStore, context);

  const ports = { workbenches, tasks, definitions };
  const launch = createLauncher(ports, settings.profiles, context);
  const starter = createStarter(ports, settings.profiles, launch, context);
  const stop = createStopper(ports, launch, context);
  // What nobody waits for.
  const finisher = createStarter({ ...ports, tasks: patientTasks }, settings.profiles, launch, context);
  const destroyer = createDestroyer(
    { workbenches, tasks: patientTasks, definitions: cloud.patientDefinitions },
    cloud.logs,
    context,
  );
  const rollback = createRollback(destroyer, context);
  const denied = createDeniedCreates(context);
  const stack = createStackCount(records, taskStore, tasks, context);
  const quotas = createQuotas(settings.limits, records, lister, reflector, stack);
  const change = createChanger(ports, settings.profiles, settings.limits);
  const create = createCreator(ports, launch, rollback, denied, quotas, settings.scope, context);

  const signOuts = createSignOuts(records, reflector, workbenches, context);
  const upkeep = [
    survey,
    signOuts,
    createSweeper(records, reflector, finisher, destroyer, denied, context),
    createOrphanCollector(records, cloud.records, patientTasks, definitions, context),
    createReasonKeeper(records, taskStore, workbenches, cloud.tasks, patient, context),
  ];

  return {
    service: createWorkbenchService(
      { create, change, start: starter.start, stop, destroyer, quotas },
      cloud.inTurn,
      lister,
      createLogReader(cloud.logs, context),
      settings,
      context,
    ),
    lister,
    overview,
    feed,
    signOut: signOuts.signOut,
    watch,
    /** Told of the ids of records that change, come or go. */
    changes: records.changes,
    /** As far as this process knows. */
    isBeingDestroyed: (id: string): boolean => records.get(id)?.workbench.destroy !== undefined,
    /** Begins to look for what was left undone. */
    start(): void {
      for (const loop of upkeep) void loop.run();
    },
    async close(): Promise<void> {
      watch.close();
      patient.close();
      await Promise.all([...upkeep, rollback, destroyer].map((part) => part.close()));
      await Promise.all([poller.close(), finder.close(), feed.close()]);
    },
  };
}
