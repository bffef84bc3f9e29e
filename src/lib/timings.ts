/**
 * How often, how soon and how patient: every figure of the controller in milliseconds, with its reason. Where AWS's own
 * limits are counts (batches, pages), they stand beside the call.
 */
export const defaultTimings = {
  // What is decided by age
  /** How long ECS may take to show a task after RunTask. Seen: about a second; a task missing for longer is gone. */
  visibilityGraceMs: 30_000,
  /** A start in flight is not a start forgotten: nobody's takes as long as this. */
  forgottenAfterMs: 15_000,
  /**
   * The longest time between seeing that nothing lives and asking ECS for a task. ECS forgets a token an hour after
   * its task's end, so a controller that was frozen for longer must look again before it asks.
   */
  launchWithinMs: 30_000,
  /** A purge that runs for longer is stopped and begun anew; it goes on with what is left. */
  purgePatienceMs: 30 * 60_000,

  // What callers wait for
  /** A caller has an answer within this; what it asked for goes on, to its end or its undoing. */
  answerWithinMs: 7_000,
  /** A refused create is answered when nothing of it is left, or after this: the rest of it goes in the background. */
  undoneWithinMs: 1_500,
  /** What a create has to do once its access point's turn has come: turns that come later are refused. */
  afterItsTurnMs: 1_500,
  /** For how long a new access point is waited for, and between two looks at it. */
  storageReadyWithinMs: 5_000,
  longestReadyPauseMs: 400,
  /** ECS names a task that another configuration started, and shows it within about a second. */
  showWithinMs: 1_500,
  longestShowPauseMs: 800,

  // How old what is read may be
  /** With AWS not answering, the last known status serves for this long. */
  serveStaleForMs: 60_000,
  /** While its task lives, nobody starts another one; after that, a record is read again when it is older than this. */
  recordFreshMs: 3_500,
  /** Lists show what other controllers made within this time. */
  listFreshMs: 25_000,
  /** Where there are limits, what is counted is as old as this, or as four scans take; it is what two controllers may overshoot in. */
  countFreshMs: 1_000,
  /** Nobody can ask AWS about the same unknown id more often than this. */
  unknownForMs: 1_000,
  /** Longer than AWS takes for any answer: one that was asked for before a workbench went doesn't bring it back. */
  goneForMs: 120_000,
  /** Who reads a log again within this time, or more of them at a time, costs AWS one reading. */
  logFreshMs: 2_000,
  /** Readiness: however many ask, AWS is asked no more often than this. */
  probeFreshMs: 2_000,

  // Polling tasks
  /** What is known of a task is at most this old while the budget allows; a call takes a while, so it begins earlier. */
  taskFreshMs: 1_000,
  pollTaskAfterMs: 850,
  /** While few are wanted, tasks on their way are polled more often: somebody waits for them. */
  pollMovingTaskAfterMs: 250,
  /** However much operations spend, readers wait no longer than this for their turn. */
  pollAtLeastEveryMs: 500,
  /** Between two looks into the queue while nothing in it is due. */
  pollIdlePauseMs: 100,
  pollRetryMs: 200,
  longestPollRetryMs: 2_000,
  /** A task that nobody has asked for in this time is not polled any more. */
  taskWantedForMs: 5_000,
  /** Longer than anybody polls apart; then a task is forgotten. */
  forgetTaskAfterMs: 120_000,
  /** Watchers are told of changes as they are seen; this often, what they watch is asked for, so that it is polled. */
  watchEveryMs: 1_000,

  // Tasks that nobody polls
  /** What is known of a task that lives is at most this old, and what its call waits for. */
  surveyAfterMs: 10_000,
  /** Between two looks for such tasks. */
  surveyPauseMs: 2_000,

  // Who is in a workbench
  /** An open socket is looked at again this often: whoever may no longer be in there has to leave. */
  lookEveryMs: 30_000,
  /** A sign-out is remembered for records that come to be known later: longer than any create is invisible. */
  rememberSignOutMs: 120_000,

  // What runs by itself
  /** Every workbench is read anew this often; other controllers' are listed within it and what a resync takes. */
  sweepEveryMs: 15_000,
  /** Resyncs on demand come no closer than this. */
  resyncAgainAfterMs: 3_000,
  /** What no workbench accounts for goes when it is found twice, this far apart. */
  orphansEveryMs: 15 * 60_000,
  /** ECS shows how a task ended for an hour at least; nobody may be asking, so every task is looked at this often. */
  auditEveryMs: 10 * 60_000,
  firstAuditAfterMs: 30_000,
  /** Between two calls of an audit, which leaves the budget to those who wait. */
  auditPauseMs: 250,
  /** Between two rounds of what is to be carried through: growing while nothing changes, or everything fails. */
  shortestRoundPauseMs: 50,
  longestRoundPauseMs: 5_000,
  roundRetryMs: 1_000,
  /** A refused create is known again for so long: the next resyncs show what came of it, age tells what comes later. */
  rememberDeniedMs: 120_000,
  /** After a create could not be taken back, before any other one is. */
  rollbackBreatherMs: 250,

  // AWS
  connectTimeoutMs: 1_000,
  /** No call in use takes AWS longer than a second or two; three attempts fit the time in which a caller gets an answer. */
  requestTimeoutMs: 3_000,
  /** For so long an id that ECS refused is not asked about: to find it among a hundred takes 16 calls. */
  leaveOutForMs: 10 * 60_000,
  /** While AWS is away it gets one call in this time, and nobody waits for more than this once it is back. */
  guardProbeEveryMs: 250,
  /** Before a call with a turn of its own is tried again, by chance. */
  longestTurnBreatherMs: 400,
  /** Two controllers that register the same task definition: at least, and by chance up to this more, times the attempt. */
  registerPauseMs: 100,
  registerPauseSpreadMs: 200,

  /** Local tasks that are then still ending are ended by their own watchdogs. */
  stopWithinMs: 10_000,
} as const;

/** Tests are less patient. */
export type Timings = Readonly<Record<keyof typeof defaultTimings, number>>;
