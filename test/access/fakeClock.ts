/** Time that stands still until a test moves it. */
export function fakeClock(start = Date.parse('2026-03-01T12:00:00Z')) {
  let passed = 0;
  return {
    now: () => start + passed,
    monotonic: () => passed,
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
  };
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
