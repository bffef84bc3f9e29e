/** `soon`: somebody waits for the answer. `whenever`: background work. */
export type Urgency = 'soon' | 'whenever';

/** A place in the line. One without a call is kept for somebody who was told to come back. */
export type Place<Call> = {
  readonly user: string;
  readonly urgency: Urgency;
  readonly round: number;
  readonly order: number;
  call: Call | undefined;
  /** Of a kept place: its turn is likely then, and it is given up after `until`. Monotonic. */
  kept: Readonly<{ turnAt: number; until: number }> | undefined;
};

export type FairLine<Call> = Readonly<{
  /** At the end of the user's own places, or at the one that was kept for the user. */
  join(user: string, urgency: Urgency, call: Call): Place<Call>;
  /** In the order of their turns; of those that are kept only the ones whose time hasn't run out. */
  places(): readonly Place<Call>[];
  leave(place: Place<Call>): void;
  /** The call leaves; the place is kept for the user. */
  keep(place: Place<Call>, turnAt: number, until: number): void;
  /** The next call to be made, which leaves the line; `putBack` gives it its place again. */
  next(): Place<Call> | undefined;
  putBack(place: Place<Call>): void;
}>;

/** Remembered to be fair to; then all begin anew. */
const MOST_USERS = 10_000;

/** Background work yields, but doesn't starve: of so many turns it has one. */
const TURNS_TO_YIELD = 10;

/**
 * A line in which users take turns, however many calls each has in it: a user's second call comes after everybody's
 * first one. What is urgent goes before what is not.
 * @param now monotonic milliseconds
 */
export function createFairLine<Call>(now: () => number): FairLine<Call> {
  let line: Place<Call>[] = [];
  let order = 0;
  let yielded = 0;
  /** The round that has come up: nobody who was away is owed the turns since. */
  const current: Record<Urgency, number> = { soon: 0, whenever: 0 };
  /** The last round that a user had a place in: also of calls that have left the line since. */
  const latest = new Map<string, number>();

  const before = (one: Place<Call>, other: Place<Call>): boolean =>
    one.urgency !== other.urgency
      ? one.urgency === 'soon'
      : one.round !== other.round
        ? one.round < other.round
        : one.order < other.order;

  function insert(place: Place<Call>): void {
    const index = line.findIndex((other) => before(place, other));
    if (index < 0) line.push(place);
    else line.splice(index, 0, place);
  }

  function leave(place: Place<Call>): void {
    line = line.filter((other) => other !== place);
  }

  function places(): readonly Place<Call>[] {
    const at = now();
    if (line.some(({ kept }) => kept && kept.until < at)) line = line.filter(({ kept }) => !kept || kept.until >= at);
    return line;
  }

  function nextRoundOf(user: string, urgency: Urgency): number {
    // Whose rounds have all come up starts with everybody else.
    if (latest.size > MOST_USERS) latest.clear();
    return (latest.get(`${urgency} ${user}`) ?? -1) + 1;
  }

  function first(urgency: Urgency): Place<Call> | undefined {
    return line.find((place) => place.call !== undefined && place.urgency === urgency);
  }

  return {
    join: (user, urgency, call) => {
      const kept = places().find((place) => place.kept && place.user === user && place.urgency === urgency);
      if (kept) {
        kept.call = call;
        kept.kept = undefined;
        return kept;
      }
      const round = Math.max(current[urgency], nextRoundOf(user, urgency));
      latest.set(`${urgency} ${user}`, round);
      order += 1;
      const place: Place<Call> = { user, urgency, round, order, call, kept: undefined };
      insert(place);
      return place;
    },
    places,
    leave,
    keep: (place, turnAt, until) => {
      place.call = undefined;
      place.kept = { turnAt, until };
    },
    next: () => {
      const [urgent, patient] = [first('soon'), first('whenever')];
      const place = urgent && patient && yielded >= TURNS_TO_YIELD - 1 ? patient : (urgent ?? patient);
      if (!place) return undefined;
      yielded = place === urgent && patient ? yielded + 1 : 0;
      current[place.urgency] = Math.max(current[place.urgency], place.round);
      leave(place);
      return place;
    },
    putBack: (place) => {
      current[place.urgency] = Math.min(current[place.urgency], place.round);
      insert(place);
    },
  };
}
