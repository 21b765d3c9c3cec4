import { getIfNewer } from "../api/investigation";
import { type PollOptions, poll } from "../api/poll";
import type { Delta } from "./merge";
import type { News, Transport } from "./transport";

/** An answer this old, in ms, is asked for anew: who looks is told only with a whole answer. */
const wholeEveryMs = 3000;
/** So long at least between two held requests that brought something: below the server's limit, also with three pages. */
const betweenHoldsMs = 400;

type Asked = {
  news: News[];
  /** There is more to fetch at once. */
  more: boolean;
  againInMs: number | null;
  /** How long ago, in ms, what came was written: what a stream should have brought before. */
  lateMs: number;
  tag: string | null;
  whole: boolean;
};

/** Asks once for what is new after the cursor. */
export async function ask(id: string, cursor: number, options: PollOptions): Promise<Asked> {
  const asked = performance.now();
  const { news, pollAfterMs, reason, tag } = await poll(id, cursor, options);
  const latencyMs = performance.now() - asked;
  const told: News[] = [{ kind: "heard", latencyMs: options.holdMs && latencyMs > 1000 ? null : latencyMs }];
  let lateMs = 0;
  if (news) {
    const delta: Delta =
      news.reset && news.state
        ? { state: news.state, durable: news.next_cursor, reset: true }
        : { events: news.events };
    if ("state" in delta || delta.events.length > 0) told.push({ kind: "delta", delta });
    const oldest = news.events.find((event) => event.seq > cursor && event.durable);
    if (oldest) lateMs = Date.parse(news.server_time) - Date.parse(oldest.at);
    if (news.durability === "durable") {
      told.push({ kind: "durable", seq: news.next_cursor, whole: !news.has_more });
    }
    told.push({ kind: "viewers", viewers: news.viewers });
  }
  if (pollAfterMs !== null && reason) told.push({ kind: "pace", afterMs: pollAfterMs, reason });
  return {
    news: told,
    more: news?.has_more ?? false,
    againInMs: pollAfterMs,
    lateMs,
    tag,
    whole: news !== null,
  };
}

/** The same where the server has polling switched off: asks for the state. */
export async function askState(id: string, _cursor: number, options: PollOptions): Promise<Asked> {
  const asked = performance.now();
  const { answer, tag } = await getIfNewer(id, options.known ?? null, options.signal);
  const told: News[] = [{ kind: "heard", latencyMs: performance.now() - asked }];
  if (answer) told.push({ kind: "delta", delta: answer });
  return { news: told, more: false, againInMs: null, lateMs: 0, tag, whole: true };
}

/** Polling: asks, waits as long as the server says, asks again. With `holdMs` the server holds a question until it has an answer. */
export const polling =
  (question: typeof ask, holdMs: number): Transport =>
  (call) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking: AbortController | null = null;
    let closed = false;
    let known = { cursor: -1, tag: "", at: 0 };
    let told = call.mode();

    function schedule(ms: number | null) {
      clearTimeout(timer);
      if (!closed && ms !== null) timer = setTimeout(turn, ms);
    }

    async function turn() {
      clearTimeout(timer);
      if (closed || asking) return;
      const abort = new AbortController();
      asking = abort;
      const cursor = call.cursor();
      const fresh = known.cursor === cursor && Date.now() - known.at < wholeEveryMs;
      const started = Date.now();
      try {
        const answer = await question(call.id, cursor, {
          holdMs,
          mode: call.mode(),
          known: fresh ? known.tag : null,
          signal: abort.signal,
        });
        if (closed) return;
        asking = null;
        for (const news of answer.news) call.hear(news);
        if (closed) return;
        if (answer.whole && answer.tag) known = { cursor: call.cursor(), tag: answer.tag, at: Date.now() };
        const wait = call.wait(answer.againInMs);
        if (answer.more) schedule(0);
        else if (holdMs === 0 || wait === null) schedule(wait);
        else if (Date.now() - started >= holdMs / 2) schedule(0);
        else schedule(answer.news.some((n) => n.kind === "delta") ? betweenHoldsMs : wait);
      } catch (error) {
        if (closed) return;
        closed = true;
        call.hear({ kind: "closed", error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    schedule(call.firstWaitMs);

    return {
      nudge() {
        if (!asking) schedule(0);
      },
      setMode(mode) {
        if (mode === told) return;
        told = mode;
        if (!asking) schedule(0);
      },
      close() {
        closed = true;
        clearTimeout(timer);
        asking?.abort();
      },
    };
  };
