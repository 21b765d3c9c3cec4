import type { Event } from "../api/event";

type Listener = (events: readonly Event[]) => void;

const listeners = new Map<string, Set<Listener>>();

/** Hears the events of an investigation as they arrive, whatever carried them: by runs without gaps inside, perhaps twice. Returns how to stop. */
export function onArrival(id: string, listener: Listener): () => void {
  const set = listeners.get(id) ?? new Set();
  listeners.set(id, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(id);
  };
}

export function announceArrival(id: string, events: readonly Event[]) {
  for (const listener of listeners.get(id) ?? []) listener(events);
}
