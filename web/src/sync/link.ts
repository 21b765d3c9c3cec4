import type { Config } from "../api/config";
import { poll } from "../api/poll";
import { ApiError } from "../api/problem";
import { backoffMs } from "./backoff";
import type { Delta } from "./merge";

/** What one exchange with the server brought, whatever carried it. */
export type Update = {
  delta: Delta | null;
  /** There is more to fetch at once. */
  more: boolean;
  /** When the server wants to be asked again; null where it did not say. */
  againInMs: number | null;
};

/** Fetches what happened after `cursor`. Polling is one; a stream would be another. */
export type Transport = (id: string, cursor: number, signal: AbortSignal) => Promise<Update>;

export const pollTransport: Transport = async (id, cursor, signal) => {
  const { news, pollAfterMs } = await poll(id, cursor, signal);
  const delta: Delta | null =
    news === null
      ? null
      : news.reset && news.state
        ? { state: news.state, reset: true }
        : { events: news.events };
  return { delta, more: news?.has_more ?? false, againInMs: pollAfterMs };
};

export type LinkState = {
  /** More than max_retries tries failed in a row. */
  lost: boolean;
  /** When the next try is due, in ms since the epoch, after a failure. */
  retryAt: number | null;
};

type Options = {
  id: string;
  transport: Transport;
  /** The version held; null until there is a state. */
  cursor: () => number | null;
  /** Whether nothing more will happen by itself. */
  atRest: () => boolean;
  onDelta: (delta: Delta) => void;
  onState: (state: LinkState) => void;
  /** The server says that there is no such investigation (any more). */
  onGone: (error: ApiError) => void;
  polling: () => Config["polling"];
  random?: () => number;
};

/** Keeps one investigation in step with the server until it is closed. */
export type Link = {
  /** Asks now instead of when it is due. */
  nudge: () => void;
  close: () => void;
};

const hiddenSlowdown = 3;

/**
 * Follows an investigation: asks, waits as long as the server says, asks again. Failures back
 * off; a hidden page asks rarely and, when the run is at rest, not at all; a page that is shown
 * again or back online asks at once.
 */
export function openLink(options: Options): Link {
  const { id, transport, cursor, polling, onDelta, onState } = options;
  const random = options.random ?? Math.random;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | null = null;
  let failures = 0;
  let closed = false;

  const hidden = () => document.visibilityState === "hidden";

  function schedule(ms: number) {
    clearTimeout(timer);
    if (closed || !navigator.onLine) return;
    timer = setTimeout(ask, ms);
  }

  async function ask() {
    clearTimeout(timer);
    const from = cursor();
    if (closed || asking || from === null) return;
    const abort = new AbortController();
    asking = abort;
    try {
      const update = await transport(id, from, abort.signal);
      asking = null;
      if (closed) return;
      if (update.delta) onDelta(update.delta);
      if (failures > 0) onState({ lost: false, retryAt: null });
      failures = 0;
      next(update);
    } catch (error) {
      asking = null;
      if (!closed) failed(error);
    }
  }

  function next(update: Update) {
    if (update.more) return schedule(0);
    const wait = update.againInMs ?? polling().normal_ms;
    if (!hidden()) return schedule(wait);
    if (!options.atRest()) schedule(Math.max(wait, polling().slow_ms * hiddenSlowdown));
  }

  function failed(error: unknown) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) {
      closed = true;
      options.onGone(error);
      return;
    }
    failures += 1;
    const { backoff_multiplier, max_backoff_ms, max_retries } = polling();
    const backoff = backoffMs(failures, { multiplier: backoff_multiplier, maxMs: max_backoff_ms }, random());
    const wait = (error instanceof ApiError ? error.retryAfterMs : null) ?? backoff;
    onState({ lost: failures > max_retries, retryAt: Date.now() + wait });
    schedule(wait);
  }

  function nudge() {
    if (!asking) schedule(0);
  }

  const onVisible = () => {
    if (!hidden()) nudge();
  };
  document.addEventListener("visibilitychange", onVisible);
  window.addEventListener("online", nudge);
  schedule(0);

  return {
    nudge,
    close() {
      closed = true;
      clearTimeout(timer);
      asking?.abort();
      document.removeEventListener("visibilitychange", onVisible);
      window.removeEventListener("online", nudge);
    },
  };
}
