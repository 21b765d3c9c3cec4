import type { Event } from "../api/event";
import type { Investigation } from "../api/investigation";
import { reduce } from "./reduce";

/** The server's truth about one investigation, as far as it has arrived here. */
export type Known = {
  state: Investigation;
  /**
   * Everything up to here is held for good: what comes after it is asked for. It is `state.version`,
   * but where the server holds the end in memory only, and it may yet be lost.
   */
  cursor: number;
  /** Events beyond the state that cannot be applied yet because one before them is missing; by seq, each once. */
  waiting: Event[];
  /** Events alone do not lead on from here: the whole state must be fetched. */
  outdated: boolean;
};

/**
 * What any transport brings: events, or a whole state, durable up to `durable` where not as a whole.
 * A reset replaces even what is newer.
 */
export type Delta =
  | { events: readonly Event[] }
  | { state: Investigation; durable?: number | undefined; reset?: boolean | undefined };

/** Whether something between the state and what has arrived is missing. */
export const hasGap = (known: Known) => known.waiting.length > 0;

/** Whether the end of the state may yet be lost. */
const tentative = (known: Known) => known.cursor < known.state.version;

export const knownFrom = (state: Investigation, durable = state.version): Known => ({
  state,
  cursor: Math.min(durable, state.version),
  waiting: [],
  outdated: false,
});

/**
 * Adds a delta to what is known. In any order and however often deltas come, the result is the
 * state at the highest version that is reached without a gap. Returns `known` itself where
 * the delta brings nothing new.
 */
export function merge(known: Known | undefined, delta: Delta): Known | undefined {
  if ("state" in delta) {
    const { state, durable, reset } = delta;
    const fresh = knownFrom(state, durable);
    if (!known || reset) return fresh;
    if (state.version < known.state.version) return known;
    if (state.version === known.state.version && fresh.cursor <= known.cursor && !known.outdated)
      return known;
    return settle({ ...fresh, waiting: known.waiting }, []);
  }
  return known && settle(known, delta.events);
}

/**
 * Notes that the log is committed up to `seq`, and with `whole` that nothing is held beyond. What was only held before
 * is fetched anew: other events may have taken its numbers, or it was lost.
 */
export function committed(known: Known | undefined, seq: number, whole = false): Known | undefined {
  if (!known || known.outdated || !tentative(known) || (seq <= known.cursor && !whole)) return known;
  return { ...known, outdated: true };
}

function settle(known: Known, events: readonly Event[]): Known {
  const pending = new Map<number, Event>();
  let { state, cursor, outdated } = known;
  for (const event of [...known.waiting, ...events]) {
    const { seq, durable } = event;
    if (seq > state.version) {
      if (!pending.has(seq) || durable) pending.set(seq, event);
    } else if (durable && seq > cursor) outdated = true;
  }
  for (;;) {
    const event = pending.get(state.version + 1);
    if (!event) break;
    if (event.type === "unknown" || (event.durable && cursor < state.version)) {
      outdated = true;
      break;
    }
    state = reduce(state, event); // what is only held is shown, too; the cursor waits for the commit
    if (event.durable) cursor = event.seq;
    pending.delete(event.seq);
  }
  const waiting = [...pending.values()].filter((event) => event.durable).sort((a, b) => a.seq - b.seq);
  if (state === known.state && outdated === known.outdated && waiting.length === known.waiting.length) {
    return known;
  }
  return { state, cursor, waiting, outdated };
}
