import * as z from "zod/mini";
import { isStream, type Rung, rungs } from "./transport";

/** Which ways did not work here, how often in a row, and from when on (ms since the epoch) each may be tried again. */
type Blocked = Partial<Record<Rung, { times: number; until: number }>>;

/** What is known of the ways to follow. All functions here are pure; time is passed in. */
export type Ladder = {
  blocked: Blocked;
  /** How often in a row a way opened and soon broke again. */
  breaks: Partial<Record<Rung, number>>;
};

const firstBlockMs = 15_000;
const longestBlockMs = 10 * 60_000;
/** A way that lasts this long works. */
const worksAfterMs = 10_000;
const breaksMax = 2;

const stored = z.partialRecord(z.enum(rungs), z.object({ times: z.number(), until: z.number() }));

/** Reads what was remembered of an earlier page; a clock that was wrong then blocks nothing for long. */
export function ladderFrom(remembered: unknown, now: number): Ladder {
  const parsed = stored.safeParse(remembered);
  const blocked: Blocked = {};
  for (const rung of rungs) {
    const entry = parsed.success ? parsed.data[rung] : undefined;
    if (entry) blocked[rung] = { ...entry, until: Math.min(entry.until, now + longestBlockMs) };
  }
  return { blocked, breaks: {} };
}

export type Circumstances = {
  /** The server offers streams. */
  streams: boolean;
  /** The server offers polling; without it, the last way is to ask for the state. */
  polling: boolean;
  /** The user wants nothing but polls. */
  pollOnly: boolean;
  /** The run is over: a stream would end at once. */
  atRest: boolean;
  /** Nobody has looked for so long that a connection is not worth keeping. */
  unseen: boolean;
};

/** The ways that make sense, the best first. Never empty. */
export function usable({ streams, polling, pollOnly, atRest, unseen }: Circumstances): Rung[] {
  if (pollOnly || unseen) return ["poll"];
  return rungs.filter((rung) => {
    if (isStream(rung)) return streams && !atRest;
    return rung === "poll" || polling;
  });
}

const free = (ladder: Ladder, rung: Rung, now: number) => (ladder.blocked[rung]?.until ?? 0) <= now;

/** The best way that is not blocked; the last one never is. */
export function choose(ladder: Ladder, ways: readonly Rung[], now: number): Rung {
  return ways.find((rung) => free(ladder, rung, now)) ?? ways.at(-1) ?? "poll";
}

/** Whether `rung` stands higher on the ladder. */
export const isBetter = (rung: Rung, than: Rung) => rungs.indexOf(rung) < rungs.indexOf(than);

function block(ladder: Ladder, rung: Rung, now: number): Ladder {
  const times = (ladder.blocked[rung]?.times ?? 0) + 1;
  const until = now + Math.min(longestBlockMs, firstBlockMs * 2 ** (times - 1));
  return {
    blocked: { ...ladder.blocked, [rung]: { times, until } },
    breaks: { ...ladder.breaks, [rung]: 0 },
  };
}

export type Break = {
  rung: Rung;
  /** How long it was open, in ms; null: it never was. */
  openMs: number | null;
  /** It fell silent, rather than being cut. */
  silent: boolean;
};

/**
 * A way broke although the server can be reached. One that never opened is blocked, for longer each
 * time; one that opens and soon breaks, or falls silent, is blocked the second time in a row.
 */
export function broke(ladder: Ladder, { rung, openMs, silent }: Break, now: number): Ladder {
  if (openMs === null) return block(ladder, rung, now);
  if (openMs >= worksAfterMs && !silent) return worked(ladder, rung, openMs);
  const breaks = (ladder.breaks[rung] ?? 0) + 1;
  if (breaks >= breaksMax) return block(ladder, rung, now);
  return { ...ladder, breaks: { ...ladder.breaks, [rung]: breaks } };
}

/** A way has been open for `openMs`: long enough, and what was held against it is forgotten. */
export function worked(ladder: Ladder, rung: Rung, openMs: number): Ladder {
  if (openMs < worksAfterMs || (!ladder.blocked[rung] && !ladder.breaks[rung])) return ladder;
  const { [rung]: _, ...blocked } = ladder.blocked;
  const { [rung]: __, ...breaks } = ladder.breaks;
  return { blocked, breaks };
}
