import type { Draft, Investigation } from "../api/investigation";
import { investigation } from "../api/investigation";
import { ApiError, type Fault, OFFLINE } from "../api/problem";
import { type Backoff, backoffMs } from "./backoff";
import { type Choice, choose, type DraftField, type DraftMerge, draftOf, mergeDrafts, same } from "./draft";
import type { Unsent } from "./wizardStore";

/** What the person is told about their entries. */
export type SaveState =
  | { kind: "idle" }
  /** Entered; the save starts when typing pauses. */
  | { kind: "waiting" }
  | { kind: "saving" }
  /** The server confirmed it; `durable` false: it holds it in memory only. */
  | { kind: "saved"; at: Date; durable: boolean }
  /** `retryAt` null: the same entry would be refused again. */
  | { kind: "failed"; reason: string; faults: Fault[]; retryAt: Date | null }
  /** Somebody else changed the same fields; nothing is sent until the person has chosen. */
  | { kind: "conflict"; merge: DraftMerge; theirs: Investigation };

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
 * An entry equal to what the server holds is never sent.
 */
export class Autosave {
  private readonly options: Options;
  /** The newest state that the server told; null before the first. */
  private server: Investigation | null = null;
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
    const mine = change(entry?.mine ?? base);
    if (!this.saving && same(mine, base)) {
      this.options.setUnsent(undefined);
      clearTimeout(this.timer);
      this.waitingSince = null;
      if (this.state.kind !== "saved") this.tell({ kind: "idle" });
      return;
    }
    this.options.setUnsent({ mine, base, version: entry?.version ?? server.version });
    if (this.state.kind === "conflict") return this.settle(server);
    if (this.saving) return;
    this.tell({ kind: "waiting" });
    this.schedule();
  }

  /** Takes in a state of the server, from a load, a poll or a save. */
  serverMoved(state: Investigation) {
    if (this.server && state.version < this.server.version) return;
    this.server = state;
    // the answer of a save under way says which version it made; judged then
    if (!this.saving) this.settle(state);
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
    this.options.save(entry.mine, entry.version, true).catch(() => undefined);
  }

  /** Tries again now: the network is back, or the person asked. */
  retry() {
    if (this.state.kind === "failed" && !this.saving) void this.send();
  }

  /** Settles a conflict by the person's choices. */
  resolve(choices: Partial<Record<DraftField, Choice>>) {
    if (this.state.kind !== "conflict") return;
    const { merge, theirs } = this.state;
    const base = draftOf(theirs);
    this.adopt(choose(merge, base, choices), base, theirs.version);
    this.tell({ kind: "idle" });
    if (this.options.unsent()) void this.send();
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
  private adopt(mine: Draft, base: Draft, version: number) {
    this.options.setUnsent(same(mine, base) ? undefined : { mine, base, version });
  }

  /** Merges what the server holds into what is unsent. */
  private settle(theirs: Investigation) {
    const entry = this.options.unsent();
    if (!entry) return;
    const draft = draftOf(theirs);
    const merge = mergeDrafts(entry.base, entry.mine, draft);
    if (merge.colliding.length > 0) {
      clearTimeout(this.timer);
      this.tell({ kind: "conflict", merge, theirs });
      return;
    }
    this.adopt(merge.merged, draft, theirs.version);
    if (!this.options.unsent()) {
      clearTimeout(this.timer);
      this.tell({ kind: "idle" });
    } else if (this.state.kind === "idle" || this.state.kind === "saved" || this.state.kind === "conflict") {
      this.tell({ kind: "waiting" });
      this.schedule();
    }
  }

  private send(): Promise<void> {
    clearTimeout(this.timer);
    this.waitingSince = null;
    const entry = this.options.unsent();
    if (!entry || this.saving || this.state.kind === "conflict") return this.saving ?? Promise.resolve();
    this.tell({ kind: "saving" });
    this.saving = this.options
      .save(entry.mine, entry.version, false)
      .then(
        ({ saved, durable }) =>
          () =>
            this.confirmed(entry.mine, saved, durable),
        (error: unknown) => () => this.refused(error),
      )
      .then((outcome) => {
        this.saving = null;
        outcome();
      });
    return this.saving;
  }

  private confirmed(sent: Draft, saved: Investigation, durable: boolean) {
    this.failures = 0;
    const mine = this.options.unsent()?.mine ?? sent;
    const base = draftOf(saved);
    // what the server made of it (trimmed, say) stands, unless it was edited on
    this.adopt(same(mine, sent) ? base : mine, base, saved.version);
    if (!this.server || saved.version >= this.server.version) this.server = saved;
    this.options.onServerState(saved);
    if (this.options.unsent()) {
      this.tell({ kind: "waiting" });
      this.schedule();
    } else {
      this.tell({ kind: "saved", at: new Date(), durable });
    }
    if (this.server.version > saved.version) this.settle(this.server);
  }

  private refused(error: unknown) {
    const current = error instanceof ApiError ? error.extra("current", investigation) : undefined;
    if (current && error instanceof ApiError && error.status === 412) {
      this.server = current;
      this.options.onServerState(current);
      this.tell({ kind: "waiting" });
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
    const faults = error instanceof ApiError ? error.faults : [];
    if (!passing) {
      this.tell({ kind: "failed", reason, faults, retryAt: null });
      return;
    }
    this.failures += 1;
    const asked = error instanceof ApiError ? error.retryAfterMs : null;
    const wait =
      asked ?? backoffMs(this.failures, this.options.backoff(), (this.options.random ?? Math.random)());
    this.timer = setTimeout(() => void this.send(), wait);
    this.tell({ kind: "failed", reason, faults, retryAt: new Date(Date.now() + wait) });
  }
}
