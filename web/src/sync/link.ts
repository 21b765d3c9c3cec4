import type { Config } from "../api/config";
import type { PollOptions, Viewer, ViewMode } from "../api/poll";
import { ApiError } from "../api/problem";
import { backoffMs } from "./backoff";
import { broke, type Circumstances, choose, isBetter, type Ladder, usable, worked } from "./ladder";
import type { Delta } from "./merge";
import type { ask } from "./polling";
import type { Carrier } from "./trace";
import { type Connection, isStream, type News, type Rung, type Transport } from "./transport";

/** How the page is kept up to date, for the eye and for other tabs. */
export type LinkState = {
  /** The way that is open now, or is being opened; null where there is none. */
  rung: Rung | null;
  phase: "connecting" | "live" | "retrying" | "offline" | "asleep";
  /** More than max_retries tries failed in a row. */
  lost: boolean;
  /** When the next try is due, in ms since the epoch, after a failure. */
  retryAt: number | null;
  /** When the server was last heard, in ms since the epoch. */
  heardAt: number | null;
  /** How long an answer takes. */
  latencyMs: number | null;
  /** What the server says of the pace, in its word, and the pace. */
  reason: string | null;
  paceMs: number | null;
  /** Better ways that did not work here, and when each is tried again. */
  blocked: { rung: Rung; until: number }[];
};

export const noLink: LinkState = {
  rung: null,
  phase: "connecting",
  lost: false,
  retryAt: null,
  heardAt: null,
  latencyMs: null,
  reason: null,
  paceMs: null,
  blocked: [],
};

type Options = {
  id: string;
  transports: Record<Rung, Transport>;
  /** Asks once; how the link makes sure of the server, fills gaps, and reconciles. */
  question: typeof ask;
  /** The version up to which everything is held; null until there is a state. */
  cursor: () => number | null;
  circumstances: () => Pick<Circumstances, "streams" | "polling" | "pollOnly" | "atRest">;
  /** Whether somebody looks. */
  visible: () => boolean;
  mode: () => ViewMode;
  polling: () => Config["polling"];
  ladder: Ladder;
  onLadder: (ladder: Ladder) => void;
  onDelta: (delta: Delta, by: Carrier) => void;
  /** Held events are durable up to here. */
  onDurable: (seq: number, whole: boolean) => void;
  onViewers: (viewers: Viewer[]) => void;
  onState: (state: LinkState) => void;
  /** The server says that there is no such investigation (any more). */
  onGone: (error: ApiError) => void;
  random?: () => number;
};

/** Keeps one investigation in step with the server until it is closed. */
export type Link = {
  /** Asks now instead of when it is due. */
  nudge: () => void;
  /** Something is missing: fetches it, beside whatever is open. */
  fill: () => void;
  /** Circumstances may have changed: who looks, what they do, what they want. */
  review: () => void;
  close: () => void;
};

type Line = {
  rung: Rung;
  connection: Connection | null;
  madeAt: number;
  openedAt: number | null;
  heardAt: number;
};

const tickMs = 1000;
/** So long may a stream take to say its first word. */
const patienceMs = 5000;
/** A stream that has been silent for so long is dead: both ends speak every few seconds. */
const silenceMs = 25_000;
/** So often a poll looks whether the stream kept its word. */
const reconcileMs = 30_000;
/** An event that a stream should have brought so long ago shows that it is stuck. */
const stuckMs = 2000;
/** A stream outlives a look at another tab for so long. */
const unseenAfterMs = 60_000;
const hiddenSlowdown = 3;

const gone = (error: unknown): error is ApiError =>
  error instanceof ApiError &&
  (error.status === 404 || error.status === 403) &&
  error.code !== "feature_disabled";

/**
 * Follows an investigation by the best way that works. What breaks is judged by a poll: where the
 * server answers that, the way was at fault and the next one is taken; where it does not, the
 * network is, and tries back off. A better way is tried beside the one in use, which ends when the other
 * has spoken, so that nothing is late meanwhile.
 */
export function openLink(options: Options): Link {
  const { id, transports, cursor, polling, visible, onState } = options;
  const random = options.random ?? Math.random;
  let { ladder } = options;
  let current: Line | null = null;
  let climber: Line | null = null;
  let probing: AbortController | null = null;
  let filling: AbortController | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let hiddenSince: number | null = null;
  let reconciledAt = Date.now();
  let state = noLink;
  let closed = false;

  const online = () => navigator.onLine;

  function tell(change: Partial<LinkState>) {
    const now = Date.now();
    const rung = change.rung === undefined ? state.rung : change.rung;
    const blocked = Object.entries(ladder.blocked).flatMap(([name, { until }]) => {
      const way = ways().find((w) => w === name);
      return way && until > now && (!rung || isBetter(way, rung)) ? [{ rung: way, until }] : [];
    });
    state = { ...state, ...change, blocked };
    onState(state);
  }

  function ways(): Rung[] {
    const unseen = hiddenSince !== null && Date.now() - hiddenSince >= unseenAfterMs;
    return usable({ ...options.circumstances(), unseen });
  }

  function judge(next: Ladder) {
    if (next === ladder) return;
    ladder = next;
    options.onLadder(ladder);
  }

  function open(rung: Rung, firstWaitMs = 0): Line {
    const line: Line = { rung, connection: null, madeAt: Date.now(), openedAt: null, heardAt: Date.now() };
    line.connection = transports[rung]({
      id,
      cursor: () => cursor() ?? 0,
      mode: options.mode,
      wait,
      firstWaitMs,
      hear: (news) => hear(line, news),
    });
    return line;
  }

  function wait(toldMs: number | null): number | null {
    const { normal_ms, slow_ms } = polling();
    const ms = toldMs ?? normal_ms;
    if (visible()) return ms;
    return options.circumstances().atRest ? null : Math.max(ms, slow_ms * hiddenSlowdown);
  }

  function start(firstWaitMs = 0) {
    if (closed || current || probing || retry !== undefined || cursor() === null) return;
    if (!online()) return tell({ rung: null, phase: "offline" });
    if (!visible() && options.circumstances().atRest) return tell({ rung: null, phase: "asleep" });
    current = open(choose(ladder, ways(), Date.now()), firstWaitMs);
    tell({
      rung: current.rung,
      phase: failures > 0 ? "retrying" : state.heardAt ? state.phase : "connecting",
    });
  }

  function hear(line: Line, news: News) {
    if (closed || (line !== current && line !== climber)) return;
    const now = Date.now();
    if (news.kind === "closed") return lose(line, news.error);
    line.heardAt = now;
    line.openedAt ??= now;
    if (line === climber) {
      current?.connection?.close();
      current = line;
      climber = null;
    }
    take(news, line.rung);
    if (news.kind === "end" && line === current) {
      drop();
      // Opened at once it would end at once, again and again: the end has not arrived here, or is not durable yet.
      if (!options.circumstances().atRest) return failed(new Error("the stream ended before the run did"));
    }
    failures = 0;
    tell({ rung: line.rung, phase: "live", lost: false, retryAt: null, heardAt: now });
    review();
  }

  /** What any way, a probe and a reconcile bring is treated alike. */
  function take(news: News, by: Carrier) {
    switch (news.kind) {
      case "delta":
        return options.onDelta(news.delta, by);
      case "viewers":
        return options.onViewers(news.viewers);
      case "durable":
        return options.onDurable(news.seq, news.whole);
      case "pace":
        state = { ...state, reason: news.reason, paceMs: news.afterMs };
        return;
      case "heard":
        if (news.latencyMs !== null) state = { ...state, latencyMs: news.latencyMs };
    }
  }

  function drop() {
    current?.connection?.close();
    climber?.connection?.close();
    current = climber = null;
  }

  /** A line broke or fell silent. A climber matters to nobody but the ladder. */
  function lose(line: Line, error: unknown, silent = false) {
    line.connection?.close();
    const openMs = line.openedAt === null ? null : Date.now() - line.openedAt;
    const judgement = { rung: line.rung, openMs, silent };
    if (line === climber) {
      climber = null;
      judge(broke(ladder, judgement, Date.now()));
      return tell({});
    }
    drop();
    if (gone(error)) return leave(error);
    if (!online()) return tell({ rung: null, phase: "offline" });
    if (line.rung === "poll") return failed(error);
    void probe(() => judge(broke(ladder, judgement, Date.now())));
  }

  /** Asks whether the server is there, takes what it answers, and goes on from there. */
  async function probe(onAnswer: () => void = () => undefined) {
    if (closed || probing) return;
    const abort = new AbortController();
    probing = abort;
    try {
      const answer = await put({ signal: abort.signal });
      if (closed || probing !== abort) return;
      probing = null;
      failures = 0;
      for (const news of answer.news) take(news, "poll");
      onAnswer();
      tell({ phase: "live", lost: false, retryAt: null, heardAt: Date.now() });
      start(answer.more ? 0 : (wait(answer.againInMs) ?? 0));
    } catch (error) {
      if (closed || probing !== abort) return;
      probing = null;
      failed(error);
    }
  }

  const put = (what: PollOptions) => options.question(id, cursor() ?? 0, { mode: options.mode(), ...what });

  function failed(error: unknown) {
    if (gone(error)) return leave(error);
    failures += 1;
    const { backoff_multiplier, max_backoff_ms, max_retries } = polling();
    const backoff = backoffMs(failures, { multiplier: backoff_multiplier, maxMs: max_backoff_ms }, random());
    const ms = (error instanceof ApiError ? error.retryAfterMs : null) ?? backoff;
    retry = setTimeout(again, ms);
    tell({ rung: null, phase: "retrying", lost: failures > max_retries, retryAt: Date.now() + ms });
  }

  function again() {
    clearTimeout(retry);
    retry = undefined;
    if (online()) void probe();
  }

  function leave(error: ApiError) {
    close();
    options.onGone(error);
  }

  /** One question beside whatever is open; its answer is late where a stream should have brought it before. */
  async function fill(by: "load" | "reconcile") {
    if (closed || filling || cursor() === null || !online()) return;
    const abort = new AbortController();
    filling = abort;
    const line = current;
    try {
      const answer = await put({ signal: abort.signal });
      if (closed) return;
      const before = cursor() ?? 0;
      for (const news of answer.news) take(news, "reconcile");
      filling = null;
      if (
        by === "reconcile" &&
        answer.lateMs > stuckMs &&
        (cursor() ?? 0) > before &&
        line &&
        line === current
      ) {
        lose(line, new Error("the stream is stuck"), true);
      } else if (answer.more) void fill("load");
    } catch {
      // whatever is open goes on, and the next reconcile asks again
    } finally {
      if (filling === abort) filling = null;
    }
  }

  function review() {
    if (closed) return;
    const now = Date.now();
    hiddenSince = visible() ? null : (hiddenSince ?? now);
    if (!online()) {
      drop();
      probing?.abort();
      probing = null;
      clearTimeout(retry);
      retry = undefined;
      if (state.phase !== "offline") tell({ rung: null, phase: "offline", lost: false, retryAt: null });
      return;
    }
    if (!current) return start();
    if (!visible() && options.circumstances().atRest) {
      drop();
      return tell({ rung: null, phase: "asleep" });
    }
    const usableNow = ways();
    if (!usableNow.includes(current.rung)) {
      drop();
      return start();
    }
    const best = choose(ladder, usableNow, now);
    if (!climber && current.openedAt !== null && isBetter(best, current.rung)) climber = open(best);
    for (const line of [current, climber]) line?.connection?.setMode(options.mode());
  }

  /** Looks after what no news tells: silence, and that time has passed. */
  function tick() {
    review();
    const now = Date.now();
    for (const line of [climber, current]) {
      if (!line || !isStream(line.rung)) continue;
      if (line.openedAt === null && now - line.madeAt >= patienceMs) lose(line, new Error("no answer"));
      else if (line.openedAt !== null && now - line.heardAt >= silenceMs)
        lose(line, new Error("silent"), true);
    }
    if (current?.openedAt) judge(worked(ladder, current.rung, now - current.openedAt));
    if (now - reconciledAt >= reconcileMs) {
      reconciledAt = now;
      if (current && isStream(current.rung) && visible()) void fill("reconcile");
    }
  }

  function nudge() {
    if (closed) return;
    if (retry !== undefined) return again();
    review();
    current?.connection?.nudge();
  }

  function onNetwork() {
    if (!online()) return review();
    if (closed || current) return;
    clearTimeout(retry);
    retry = undefined;
    failures = 0;
    void probe();
  }

  function close() {
    closed = true;
    drop();
    clearTimeout(retry);
    clearInterval(ticker);
    probing?.abort();
    filling?.abort();
    window.removeEventListener("online", onNetwork);
    window.removeEventListener("offline", onNetwork);
  }

  window.addEventListener("online", onNetwork);
  window.addEventListener("offline", onNetwork);
  const ticker = setInterval(tick, tickMs);
  review();

  return { nudge, fill: () => void fill("load"), review, close };
}
