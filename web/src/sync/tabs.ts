import * as z from "zod";
import { event } from "../api/event";
import { investigation } from "../api/investigation";
import { type Viewer, type ViewMode, viewer } from "../api/poll";
import { randomId } from "../api/random";
import type { LinkState } from "./link";
import type { Delta } from "./merge";
import type { Carrier } from "./trace";
import { rungs } from "./transport";

const rung = z.enum(rungs);

const link = z.object({
  rung: rung.nullable(),
  phase: z.enum(["connecting", "live", "retrying", "offline", "asleep"]),
  lost: z.boolean(),
  retryAt: z.number().nullable(),
  heardAt: z.number().nullable(),
  latencyMs: z.number().nullable(),
  reason: z.string().nullable(),
  paceMs: z.number().nullable(),
  blocked: z.array(z.object({ rung, until: z.number() })),
});

const delta = z.union([
  z.object({ events: z.array(event) }),
  z.object({ state: investigation, durable: z.number().optional(), reset: z.boolean().optional() }),
]);

/** What the tabs of one browser tell one another about one investigation. */
const message = z.discriminatedUnion("kind", [
  /** A tab is there. */
  z.object({
    kind: z.literal("here"),
    tab: z.string(),
    visible: z.boolean(),
    mode: z.enum(["viewing", "editing"]),
  }),
  z.object({ kind: z.literal("bye"), tab: z.string() }),
  /** Something was received. */
  z.object({ kind: z.literal("delta"), delta, by: z.enum([...rungs, "load", "save", "reconcile"]) }),
  /** How the leader stands to the server. */
  z.object({
    kind: z.literal("link"),
    visible: z.boolean(),
    version: z.number(),
    link,
    viewers: z.array(viewer),
  }),
  /** The leader is to ask now. */
  z.object({ kind: z.literal("nudge") }),
]);
type Message = z.infer<typeof message>;

/** What the leader tells the other tabs of its connection. */
export type Report = { version: number; link: LinkState; viewers: Viewer[] };

export type TabOptions = {
  /** The same in all tabs that share. */
  name: string;
  visible: () => boolean;
  mode: () => ViewMode;
  /** Begins to follow the server for all tabs. Returns how to stop. Never called before joinTabs has returned. */
  lead: () => () => void;
  report: () => Report;
  onDelta: (delta: Delta, by: Carrier) => void;
  onReport: (report: Report) => void;
  /** Another tab wants the leader to ask now. */
  onNudge: () => void;
  /** Who looks, or what they do, may have changed. */
  onAudience: () => void;
  /** What the browser offers; without one of them, each tab follows by itself. */
  locks?: LockManager | undefined;
  channel?: ((name: string) => BroadcastChannel) | undefined;
};

export type Tabs = {
  leading: () => boolean;
  /** Whether some tab is looked at, and whether somebody edits in one. */
  audience: () => { visible: boolean; mode: ViewMode };
  /** Passes on what was received. */
  share: (delta: Delta, by: Carrier) => void;
  /** Tells how the leader stands, where others listen. */
  tellReport: () => void;
  /** Has the leader ask now. */
  nudge: () => void;
  /** This tab is looked at, or not any more, or its user does something else. */
  changed: () => void;
  close: () => void;
};

const tickMs = 1000;
/** A tab says so often that it is there. */
const hereMs = 10_000;
/** One that has not been heard for so long is forgotten. */
const forgetMs = 40_000;
/** A leader that nobody looks at answers in this time, or is replaced by a tab that is looked at. */
const answerMs = 300;
/** A leader that has been silent for so long hangs. */
const hangsMs = 5000;

const browserLocks = () => (typeof navigator === "undefined" ? undefined : navigator.locks);
const browserChannel =
  typeof BroadcastChannel === "undefined" ? undefined : (name: string) => new BroadcastChannel(name);

/**
 * Joins the tabs that show the same investigation. One of them, the holder of a lock, follows the server
 * and shares what it receives; when it dies the browser gives the lock to the next. A tab that is looked
 * at takes the lock from one that is not, which the browser slows down.
 */
export function joinTabs(options: TabOptions): Tabs {
  const { name, visible, mode } = options;
  const locks = "locks" in options ? options.locks : browserLocks();
  const makeChannel = "channel" in options ? options.channel : browserChannel;
  if (!locks || !makeChannel) return alone(options);

  const tab = randomId();
  const channel = makeChannel(name);
  const peers = new Map<string, { visible: boolean; mode: ViewMode; at: number }>();
  let stop: (() => void) | null = null;
  let release: (() => void) | null = null;
  let queued: AbortController | null = null;
  let closed = false;
  let heardLeaderAt = Date.now();
  let leaderVisible = false;
  let saidHereAt = 0;
  let challenge: ReturnType<typeof setTimeout> | undefined;

  const post = (what: Message) => {
    if (!closed) channel.postMessage(what);
  };
  const here = () => {
    saidHereAt = Date.now();
    post({ kind: "here", tab, visible: visible(), mode: mode() });
  };
  const tellReport = () => {
    if (stop && peers.size > 0) post({ kind: "link", visible: visible(), ...options.report() });
  };

  /** Waits for the lock, or takes it, and leads while it is held. */
  function wantLock(steal: boolean) {
    if (closed) return;
    queued?.abort();
    const waiting = new AbortController();
    queued = waiting;
    const held = () =>
      new Promise<void>((done) => {
        if (closed || queued !== waiting) return done();
        queued = null;
        release = done;
        stop = options.lead();
        tellReport();
      });
    const request = steal
      ? locks?.request(name, { steal: true }, held)
      : locks?.request(name, { signal: waiting.signal }, held);
    request?.catch(() => {
      if (closed || waiting.signal.aborted) return;
      // another tab took it
      stop?.();
      stop = release = null;
      heardLeaderAt = Date.now();
      wantLock(false);
    });
  }

  /** Asks who leads; takes over where it is nobody that is looked at. */
  function challengeLeader() {
    clearTimeout(challenge);
    if (stop || !visible()) return;
    leaderVisible = false;
    here();
    challenge = setTimeout(() => {
      if (!stop && !leaderVisible && visible()) wantLock(true);
    }, answerMs);
  }

  channel.onmessage = ({ data }) => {
    const parsed = message.safeParse(data);
    if (!parsed.success || closed) return; // of another version of the app
    const said = parsed.data;
    switch (said.kind) {
      case "here": {
        const known = peers.has(said.tab);
        peers.set(said.tab, { visible: said.visible, mode: said.mode, at: Date.now() });
        if (!known) here();
        tellReport();
        return options.onAudience();
      }
      case "bye":
        peers.delete(said.tab);
        return options.onAudience();
      case "delta":
        return options.onDelta(said.delta, said.by);
      case "link":
        heardLeaderAt = Date.now();
        leaderVisible = said.visible;
        if (!stop) options.onReport(said);
        return;
      case "nudge":
        if (stop) options.onNudge();
    }
  };

  function tick() {
    const now = Date.now();
    for (const [peer, { at }] of peers) if (now - at > forgetMs) peers.delete(peer);
    if (now - saidHereAt >= hereMs) here();
    if (stop) tellReport();
    else if (visible() && now - heardLeaderAt > hangsMs) {
      heardLeaderAt = now;
      challengeLeader();
    }
  }

  const leave = () => {
    post({ kind: "bye", tab });
  };
  const ticker = setInterval(tick, tickMs);
  window.addEventListener("pagehide", leave);
  here();
  wantLock(false);
  challengeLeader();

  return {
    leading: () => stop !== null,
    audience() {
      const all = [{ visible: visible(), mode: mode() }, ...peers.values()];
      return {
        visible: all.some((t) => t.visible),
        mode: all.some((t) => t.mode === "editing") ? "editing" : "viewing",
      };
    },
    share(delta, by) {
      if (peers.size === 0) return;
      post({ kind: "delta", delta: "state" in delta ? delta : { events: [...delta.events] }, by });
    },
    tellReport,
    nudge: () => post({ kind: "nudge" }),
    changed() {
      here();
      options.onAudience();
      challengeLeader();
    },
    close() {
      leave();
      closed = true;
      clearInterval(ticker);
      clearTimeout(challenge);
      window.removeEventListener("pagehide", leave);
      queued?.abort();
      stop?.();
      release?.();
      channel.close();
    },
  };
}

/** A tab whose browser cannot tell it of others. */
function alone({ visible, mode, lead, onAudience }: TabOptions): Tabs {
  let stop: (() => void) | null = null;
  let closed = false;
  queueMicrotask(() => {
    if (!closed) stop = lead();
  });
  return {
    leading: () => true,
    audience: () => ({ visible: visible(), mode: mode() }),
    share: () => undefined,
    tellReport: () => undefined,
    nudge: () => undefined,
    changed: onAudience,
    close() {
      closed = true;
      stop?.();
    },
  };
}
