import type { Event } from "../api/event";
import type { Investigation } from "../api/investigation";
import { reduce } from "./reduce";

/** The server's truth about one investigation, as far as it has arrived here. */
export type Known = {
  /** Everything up to `state.version`, the cursor. */
  state: Investigation;
  /** Events beyond the cursor that cannot be applied yet because one before them is missing; by seq, each once. */
  waiting: Event[];
  /** An event cannot be folded by this version of the app: the whole state must be fetched. */
  unreadable: boolean;
};

/** What any transport brings: events, or a whole state. A reset replaces even what is newer. */
export type Delta = { events: readonly Event[] } | { state: Investigation; reset?: boolean };

/** Whether something between the cursor and what has arrived is missing. */
export const hasGap = (known: Known) => known.waiting.length > 0;

/**
 * Adds a delta to what is known. In any order and however often deltas come, the result is the
 * state at the highest version that is reached without a gap. Returns `known` itself where
 * the delta brings nothing new.
 */
export function merge(known: Known | undefined, delta: Delta): Known | undefined {
  if ("state" in delta) {
    if (!known || delta.reset) return { state: delta.state, waiting: [], unreadable: false };
    if (delta.state.version < known.state.version) return known;
    if (delta.state.version === known.state.version && !known.unreadable) return known;
    return settle({ ...known, state: delta.state, unreadable: false }, []);
  }
  return known && settle(known, delta.events);
}

function settle(known: Known, events: readonly Event[]): Known {
  const pending = new Map<number, Event>();
  for (const event of [...known.waiting, ...events]) {
    if (event.seq > known.state.version && !pending.has(event.seq)) pending.set(event.seq, event);
  }
  let { state, unreadable } = known;
  for (;;) {
    const event = pending.get(state.version + 1);
    if (!event?.durable) break;
    if (event.type === "unknown") {
      unreadable = true;
      break;
    }
    state = reduce(state, event);
    pending.delete(event.seq);
  }
  const waiting = [...pending.values()].filter((event) => event.durable).sort((a, b) => a.seq - b.seq);
  if (state === known.state && unreadable === known.unreadable && waiting.length === known.waiting.length) {
    return known;
  }
  return { state, waiting, unreadable };
}
