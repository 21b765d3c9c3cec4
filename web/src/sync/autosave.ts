import type { Draft, Investigation } from "../api/investigation";
import { investigation } from "../api/investigation";
import { ApiError, type Fault, OFFLINE } from "../api/problem";
import { type Backoff, backoffMs } from "./backoff";
import { differing, draftOf, same } from "./draft";
import { type Choices, type Collision, mergeDrafts, startedFrom } from "./threeWay";
import type { Held, Unsent } from "./vault";

/** Who entered a value and when; `by` null is the person at this browser. */
type Edit = { by: string | null; at: string };

/** What the person is told about their entries. */
export type SaveState =
  | { kind: "idle" }
  /** Entered; the save starts when typing pauses. */
  | { kind: "waiting" }
  | { kind: "saving" }
  /** The server confirmed it; `durable` false: it holds it in memory only. */
  | { kind: "saved"; at: Date; durable: boolean }
  /** `retryAt` null: the same entry would be refused again. */
  | { kind: "failed"; reason: string; code: string; faults: Fault[]; retryAt: Date | null }
  /**
   * The same things were changed here and elsewhere: on the server, or in another window of this browser
   * that is closed and left its entries. Nothing is sent until the person has chosen.
   */
  | {
      kind: "conflict";
      collisions: Collision[];
      window: boolean;
      mine: (collision: Collision) => Edit | undefined;
      theirs: (collision: Collision) => Edit | undefined;
    };

type Options = {
  /** Writes the draft on top of `version`. A newer version on the server is an ApiError 412 with `current`. */
  save: (
    draft: Draft,
    version: number,
    keepalive: boolean,
  ) => Promise<{ saved: Investigation; durable: boolean }>;
  /** The unsent entry of this investigation, kept where a reload finds it again. */
  unsent: () => Unsent | undefined;
  setUnsent: (entry: Unsent | undefined) => void;
  /** What the server took and may yet lose, kept likewise. */
  held: () => Held | undefined;
  setHeld: (held: Held | undefined) => void;
  /** The server lost what it held; it is sent again. */
  onLost: () => void;
  /** A state that the server told along the way. */
  onServerState: (state: Investigation) => void;
  onState: (state: SaveState) => void;
  backoff: () => Backoff;
  random?: () => number;
};

export const debounceMs = 600;
/** Somebody who never pauses is saved this often all the same. */
export const longestWaitMs = 5000;
/** The browser lets a request of this size outlive its page. */
const keepaliveBytes = 60_000;

/**
 * Saves what a person enters: one save at a time, so that two of their own never collide; each on
 * top of the version it was made from, so that nobody else's change is overwritten unseen. What
 * others changed meanwhile is merged by field; only fields that both changed are asked about.
 * An entry equal to what the server holds is never sent. What it holds in memory only stays here until
 * it is durable, and is sent again where it was lost.
 */
export class Autosave {
  private readonly options: Options;
  /** Entries that other windows left, to be joined with what is here. */
  private readonly left: { entry: Unsent; held: () => void }[] = [];
  /** The newest state that the server told, and how far it is durable; null before the first. */
  private server: Investigation | null = null;
  private durable = 0;
  private saving: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waitingSince: number | null = null;
  private failures = 0;
  private state: SaveState = { kind: "idle" };

  constructor(options: Options) {
    this.options = options;
  }

  /** What the form shows: the person's entries, else the server's. */
  draft(): Draft | null {
    return this.options.unsent()?.mine ?? (this.server && draftOf(this.server));
  }

  /** Changes the draft and saves it when typing pauses. */
  edit(change: (draft: Draft) => Draft) {
    const entry = this.options.unsent();
    const server = this.server;
    if (!server) return;
    const base = entry?.base ?? draftOf(server);
    const before = entry?.mine ?? base;
    const mine = change(before);
    if (!this.saving && same(mine, base) && !entry?.sent.length) {
      this.options.setUnsent(undefined);
      clearTimeout(this.timer);
      this.waitingSince = null;
      if (this.state.kind !== "saved") this.tell({ kind: "idle" });
      return;
    }
    const now = new Date().toISOString();
    this.options.setUnsent({
      mine,
      base,
      version: entry?.version ?? server.version,
      sent: entry?.sent ?? [],
      edited: {
        ...entry?.edited,
        ...Object.fromEntries(differing(before, mine).map((field) => [field, now])),
      },
    });
    if (this.state.kind === "conflict") return this.settle(server);
    if (this.saving) return;
    this.tell({ kind: "waiting" });
    this.schedule();
  }

  /** Keeps for the server what another window kept for it. */
  adoptHeld(held: Held): Promise<void> {
    const { mine, base, version, at } = held;
    if (this.options.held()) return this.adopt({ mine, base, version, sent: [mine], edited: at });
    this.options.setHeld(held);
    if (this.server) this.serverMoved(this.server, this.durable);
    return Promise.resolve();
  }

  /** Joins what another window left. Resolves when it is part of what is held here. */
  adopt(entry: Unsent): Promise<void> {
    return new Promise((held) => {
      this.left.push({ entry, held });
      this.settleLeft();
    });
  }

  /** Takes in the state that is known now, durable up to `durable`. An older one than before says that the end of it was lost. */
  serverMoved(state: Investigation, durable = state.version) {
    this.server = state;
    this.durable = durable;
    // the answer of a save under way says which version it made; judged then
    if (this.saving) return;
    this.recall(state);
    this.settle(state);
  }

  /** Saves at once what is unsent; resolves when nothing is left to save, or with what hinders. */
  async flush(): Promise<SaveState> {
    clearTimeout(this.timer);
    while (this.options.unsent() && !this.stuck("conflict")) {
      await (this.saving ?? this.send());
      if (this.stuck("failed", "conflict")) break;
    }
    return this.state;
  }

  /** Sends what is unsent with the page's last breath. What does not fit stays in the browser's storage. */
  flushOnLeave() {
    const entry = this.options.unsent();
    if (!entry || this.saving || this.state.kind === "conflict") return;
    if (new Blob([JSON.stringify(entry.mine)]).size > keepaliveBytes) return;
    this.options.setUnsent({ ...entry, sent: inDoubt(entry, entry.mine) });
    this.options.save(entry.mine, entry.version, true).catch(() => undefined);
  }

  /** Tries again now: the network is back, or the person asked. */
  retry() {
    if (this.state.kind === "failed" && !this.saving) void this.send();
  }

  /** Settles a conflict by the person's choices. */
  resolve(choices: Choices) {
    const entry = this.options.unsent();
    if (this.state.kind !== "conflict" || !entry || !this.server) return;
    const other = this.state.window ? this.left.shift() : undefined;
    if (other) {
      this.join(entry, other.entry, choices);
      other.held();
    } else {
      this.onTop(entry, this.server, choices);
    }
    this.tell({ kind: "idle" });
    if (this.options.unsent()) void this.send();
    this.settleLeft();
  }

  /** Gives up what is unsent: the form shows what the server holds. */
  rollBack() {
    if (this.saving) return;
    clearTimeout(this.timer);
    this.waitingSince = null;
    this.options.setUnsent(undefined);
    this.tell({ kind: "idle" });
  }

  private stuck(...kinds: SaveState["kind"][]): boolean {
    return kinds.includes(this.state.kind);
  }

  private tell(state: SaveState) {
    this.state = state;
    this.options.onState(state);
  }

  private schedule() {
    this.waitingSince ??= Date.now();
    const left = this.waitingSince + longestWaitMs - Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), Math.max(0, Math.min(debounceMs, left)));
  }

  /** Takes a settled draft; keeps it as unsent only where it differs from the server's. */
  private take(mine: Draft, theirs: Investigation, edited: Unsent["edited"], sent: Draft[] = []) {
    const base = draftOf(theirs);
    const entry = { mine, base, version: theirs.version, sent, edited };
    this.options.setUnsent(same(mine, base) && sent.length === 0 ? undefined : entry);
  }

  /** Merges what the server holds into an entry; returns what collides, and then has changed nothing unless it was chosen. */
  private onTop(entry: Unsent, theirs: Investigation, choices?: Choices): Collision[] {
    const draft = draftOf(theirs);
    const base = startedFrom(entry.base, entry.sent, draft);
    const { merged, collisions } = mergeDrafts(base, entry.mine, draft, choices);
    if (collisions.length > 0 && !choices) return collisions;
    // on a newer version, saves on top of an older one have arrived or never will
    this.take(merged, theirs, entry.edited, theirs.version > entry.version ? [] : entry.sent);
    return [];
  }

  /** Merges what another window left into an entry, as `onTop`. */
  private join(entry: Unsent, other: Unsent, choices?: Choices): Collision[] {
    const base = startedFrom(other.base, other.sent, entry.mine);
    const { merged, collisions } = mergeDrafts(base, entry.mine, other.mine, choices);
    if (collisions.length > 0 && !choices) return collisions;
    this.options.setUnsent({ ...entry, mine: merged, edited: { ...other.edited, ...entry.edited } });
    return [];
  }

  /** Lets go of what was held and is durable; takes back what was lost. */
  private recall(state: Investigation) {
    const held = this.options.held();
    if (!held) return;
    const lost = Object.entries(held.at).some(([field, at]) => {
      const edit = state.edits[field];
      return !edit || Date.parse(edit.at) < Date.parse(at);
    });
    if (lost) {
      const entry = this.options.unsent();
      const { mine, base, version, at } = held;
      this.options.setUnsent({
        mine: entry?.mine ?? mine,
        base,
        version,
        sent: [mine],
        edited: { ...at, ...entry?.edited },
      });
      this.options.onLost();
    } else if (this.durable < held.seq) return;
    this.options.setHeld(undefined);
    if (!lost && this.state.kind === "saved") this.tell({ ...this.state, durable: true });
  }

  /** Merges what the server holds into what is unsent. */
  private settle(theirs: Investigation) {
    const entry = this.options.unsent();
    if (!entry) return this.settleLeft();
    const collisions = this.onTop(entry, theirs);
    if (collisions.length > 0) {
      this.ask(collisions, entry, (field) => theirs.edits[field], false);
      return;
    }
    if (!this.options.unsent()) {
      clearTimeout(this.timer);
      this.tell({ kind: "idle" });
    } else if (this.stuck("idle", "saved", "conflict")) {
      this.tell({ kind: "waiting" });
      this.schedule();
    }
    this.settleLeft();
  }

  /** Joins what other windows left, one after the other, as far as nobody needs to be asked. */
  private settleLeft() {
    for (;;) {
      const next = this.left[0];
      if (!next || !this.server || this.saving || this.stuck("conflict")) return;
      const entry = this.options.unsent();
      const collisions = entry ? this.join(entry, next.entry) : [];
      if (entry && collisions.length > 0) {
        this.ask(collisions, entry, (field) => editAt(next.entry.edited[field]), true);
        return;
      }
      if (!entry) this.options.setUnsent(next.entry);
      this.left.shift();
      next.held();
      this.settle(this.server);
    }
  }

  private ask(
    collisions: Collision[],
    entry: Unsent,
    theirs: (field: string) => Edit | undefined,
    window: boolean,
  ) {
    clearTimeout(this.timer);
    this.tell({
      kind: "conflict",
      collisions,
      window,
      mine: ({ field }) => editAt(entry.edited[field]),
      theirs: ({ field }) => theirs(field),
    });
  }

  private send(): Promise<void> {
    clearTimeout(this.timer);
    this.waitingSince = null;
    const entry = this.options.unsent();
    if (!entry || this.saving || this.state.kind === "conflict") return this.saving ?? Promise.resolve();
    this.tell({ kind: "saving" });
    this.options.setUnsent({ ...entry, sent: inDoubt(entry, entry.mine) });
    this.saving = this.options
      .save(entry.mine, entry.version, false)
      .then(
        ({ saved, durable }) =>
          () =>
            this.confirmed(entry, saved, durable),
        (error: unknown) => () => this.refused(error),
      )
      .then((outcome) => {
        this.saving = null;
        outcome();
      });
    return this.saving;
  }

  private confirmed(sent: Unsent, saved: Investigation, durable: boolean) {
    this.failures = 0;
    this.options.setHeld(durable ? undefined : holding(this.options.held() ?? sent, sent.mine, saved));
    const entry = this.options.unsent();
    // what the server made of it stands, unless it was edited on
    if (entry) this.take(mergeDrafts(sent.mine, entry.mine, draftOf(saved)).merged, saved, entry.edited);
    if (!this.server || saved.version >= this.server.version) this.server = saved;
    this.options.onServerState(saved);
    if (this.options.unsent()) {
      this.tell({ kind: "waiting" });
      this.schedule();
    } else {
      this.tell({ kind: "saved", at: new Date(), durable });
    }
    if (this.server.version > saved.version) this.settle(this.server);
    else this.settleLeft();
  }

  private refused(error: unknown) {
    const current = error instanceof ApiError ? error.extra("current", investigation) : undefined;
    if (current && error instanceof ApiError && error.status === 412) {
      this.server = current;
      this.options.onServerState(current);
      this.tell({ kind: "waiting" });
      this.recall(current);
      this.settle(current);
      if (this.stuck("waiting")) this.schedule();
      return;
    }
    const passing =
      !(error instanceof ApiError) ||
      error.status === OFFLINE ||
      error.status === 408 ||
      error.status === 429 ||
      error.status >= 500;
    const reason = error instanceof Error ? error.message : String(error);
    const [code, faults] = error instanceof ApiError ? [error.code, error.faults] : ["", []];
    if (!passing) {
      this.tell({ kind: "failed", reason, code, faults, retryAt: null });
      return;
    }
    this.failures += 1;
    const asked = error instanceof ApiError ? error.retryAfterMs : null;
    const wait =
      asked ?? backoffMs(this.failures, this.options.backoff(), (this.options.random ?? Math.random)());
    this.timer = setTimeout(() => void this.send(), wait);
    this.tell({ kind: "failed", reason, code, faults, retryAt: new Date(Date.now() + wait) });
  }
}

const editAt = (at: string | undefined): Edit | undefined => (at ? { by: null, at } : undefined);

/** What is kept of saves that the server holds in memory: on top of what, and how a state that lacks them is known. */
function holding(
  { base, version }: Pick<Unsent, "base" | "version">,
  mine: Draft,
  saved: Investigation,
): Held {
  const edits = differing(base, mine).flatMap((field) => {
    const edit = saved.edits[field];
    return edit ? [[field, edit.at] as const] : [];
  });
  return { mine, base, version, seq: saved.version, at: Object.fromEntries(edits) };
}

/** How much of what was sent in vain is kept to be recognised, in characters of JSON. */
const doubtMax = 250_000;

/** The saves of an entry whose answer is out, with one more; of very many, the last ones. */
function inDoubt({ sent }: Unsent, draft: Draft): Draft[] {
  const all = [...sent.filter((earlier) => !same(earlier, draft)), draft];
  let size = 0;
  const first = all.findLastIndex((one) => {
    size += JSON.stringify(one).length;
    return size > doubtMax;
  });
  return all.slice(Math.min(first + 1, all.length - 1));
}
