import * as z from "zod";
import { settings } from "../api/investigation";
import { randomId } from "../api/random";
import { instant, list } from "../api/shape";
import { step } from "../api/status";
import { veil } from "./card";
import { ownerId } from "./owner";

const draft = z.object({ name: z.string(), wizard_step: step, settings });

/** What a person entered and the server has not confirmed. */
const unsent = z.object({
  mine: draft,
  /** What the entries were made on: the server's draft at `version`. */
  base: draft,
  version: z.number().int(),
  /** Saves on top of `version` whose answer did not come: each may have arrived or not. */
  sent: list(draft),
  /** When each field was last entered. */
  edited: z.record(z.string(), instant).default({}),
});
export type Unsent = z.infer<typeof unsent>;

/** What the server took and holds in memory only: it can be lost there, and is kept here until it is durable. */
const held = z.object({
  mine: draft,
  /** What the first of the saves was made on: the server's draft at `version`, the last that was durable here. */
  base: draft,
  version: z.number().int(),
  /** Durable once the log is, up to here. */
  seq: z.number().int(),
  /** By field that was changed: when, by the server's clock. A state with an older edit lacks what was held. */
  at: z.record(z.string(), instant),
});
export type Held = z.infer<typeof held>;

/** What one window keeps of one investigation. */
const kept = z.object({
  unsent: unsent.optional(),
  held: held.optional(),
  /** Typed into the field that adds entities, and not added yet. */
  adding: z.string().default(""),
  /** What stands in another form, under the form's name in place of an investigation's id. */
  form: z.unknown().optional(),
});
export type Kept = z.infer<typeof kept>;

const record = kept.extend({ at: instant });

/** Unsent entries are kept for a week. */
export const keptForMs = 7 * 24 * 3600 * 1000;

const prefix = "olorin-draft";
/** What earlier versions kept for ever; nothing reads it any more. */
const retired = /^olorin-(review|priority) /;
/** This window's name; a reloaded one is another window, and takes over what the first one left. */
const thisWindow = randomId();
const keyOf = (window: string, id: string) => [prefix, ownerId(), window, encodeURIComponent(id)].join("/");

const lockOf = (window: string) => `olorin-window/${window}`;

const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
// held for as long as the window lives: who gets it knows that the window is gone
void locks?.request(lockOf(thisWindow), () => new Promise(() => undefined)).catch(() => undefined);

function read(key: string, now = Date.now()): Kept | null {
  try {
    const parsed = record.safeParse(JSON.parse(localStorage.getItem(key) ?? "null"));
    if (parsed.success && now - Date.parse(parsed.data.at) < keptForMs) return kept.parse(parsed.data);
  } catch {
    // refused, or no JSON
  }
  return null;
}

/** The keys of entries in the browser's storage; none where it is refused. */
function keys(): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${prefix}/`) || retired.test(key));
  } catch {
    return [];
  }
}

function remove(key: string) {
  try {
    localStorage.removeItem(key);
  } catch {
    // refused: then nothing was kept either
  }
}

/** Keeps what this window holds of an investigation. False where the browser's storage is full or refused. */
export function keep(id: string, entry: Kept): boolean {
  const key = keyOf(thisWindow, id);
  if (!entry.unsent && !entry.held && entry.adding === "" && entry.form === undefined) {
    remove(key);
    return true;
  }
  try {
    localStorage.setItem(key, JSON.stringify({ ...entry, at: new Date().toISOString() }, veil));
    return true;
  } catch {
    return false;
  }
}

/** Removes what is too old or cannot be read; with `all`, everything. */
export function sweep(all = false, now = Date.now()) {
  for (const key of keys()) if (all || !read(key, now)) remove(key);
}

/**
 * Takes over what other windows left of an investigation, or of a form: at once where they are gone, else as soon
 * as they are. `adopt` resolves when it holds the entries itself; only then is the other copy removed.
 */
export function takeOver(id: string, adopt: (left: Kept) => Promise<void>, signal: AbortSignal) {
  const watched = new Set([thisWindow]);
  const take = async (key: string) => {
    const left = signal.aborted ? null : read(key);
    if (!left) return;
    await adopt(left);
    remove(key);
  };
  const watch = (key: string | null) => {
    const [kind, whose, window = "", investigation] = key?.split("/") ?? [];
    if (
      !key ||
      kind !== prefix ||
      whose !== ownerId() ||
      investigation !== encodeURIComponent(id) ||
      watched.has(window)
    )
      return;
    watched.add(window);
    const taken = locks ? locks.request(lockOf(window), { signal }, () => take(key)) : take(key);
    taken.catch(() => undefined);
  };
  for (const key of keys()) watch(key);
  window.addEventListener("storage", (event) => watch(event.key), { signal });
}
