/** How patient the controller is; every figure in milliseconds. */
export type Pace = Readonly<{
  /** How long ECS may take to show a task after RunTask. Seen: about a second; a task missing for longer is gone. */
  visibilityGraceMs: number;
  /** A caller has an answer within this; what it asked for goes on, to its end or its undoing. */
  answerWithinMs: number;
  /** With AWS not answering, the last known status serves for this long. */
  serveStaleForMs: number;
  /** Every workbench is read anew this often; other controllers' are listed within it and what a scan takes. */
  sweepEveryMs: number;
  /** A start in flight is not a start forgotten: nobody's takes as long as this. */
  forgottenAfterMs: number;
  /** A purge that runs for longer is stopped and begun anew; it goes on with what is left. */
  purgePatienceMs: number;
  /** What no workbench accounts for goes when it is found twice, this far apart. */
  orphansEveryMs: number;
}>;

export const defaultPace: Pace = {
  visibilityGraceMs: 30_000,
  answerWithinMs: 7_000,
  serveStaleForMs: 60_000,
  sweepEveryMs: 15_000,
  forgottenAfterMs: 15_000,
  purgePatienceMs: 30 * 60_000,
  orphansEveryMs: 15 * 60_000,
};
