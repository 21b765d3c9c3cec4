import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Event } from "../api/event";
import { ApiError, problem } from "../api/problem";
import { sampleEvent } from "../testing/sample";
import { type Ladder, ladderFrom } from "./ladder";
import { type Link, type LinkState, openLink } from "./link";
import { ask, polling as pollingBy } from "./polling";
import type { Call, News, Rung, Transport } from "./transport";

const polling = {
  fast_ms: 500,
  normal_ms: 2000,
  slow_ms: 5000,
  max_retries: 3,
  backoff_multiplier: 2,
  max_backoff_ms: 30_000,
};
const refusal = (status: number, headers = {}) =>
  new ApiError(problem.parse({ status }), new Headers(headers));

let online: boolean;
let link: Link | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  online = true;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => online);
});
afterEach(() => {
  link?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lets a link follow over connections that the test holds in its hand. */
function follow(change: { pollOnly?: boolean; ladder?: Ladder } = {}) {
  const world = { visible: true, atRest: false, up: true, version: 1, asked: 0 };
  const open: { rung: Rung; call: Call; closed: boolean }[] = [];
  const states: LinkState[] = [];
  const gone: ApiError[] = [];
  const remembered: Ladder[] = [];
  let trouble: Error = refusal(0);
  let answer: { news: News[]; lateMs: number } = { news: [], lateMs: 0 };
  const transport =
    (rung: Rung): Transport =>
    (call) => {
      const line = { rung, call, closed: false };
      open.push(line);
      return {
        nudge: () => undefined,
        setMode: () => undefined,
        close: () => {
          line.closed = true;
        },
      };
    };
  const question: typeof ask = async () => {
    world.asked += 1;
    if (!world.up) throw trouble;
    return { ...answer, more: false, againInMs: 500, tag: null, whole: true };
  };
  link = openLink({
    id: "i",
    transports: {
      websocket: transport("websocket"),
      sse: transport("sse"),
      longpoll: transport("longpoll"),
      poll: transport("poll"),
    },
    question,
    cursor: () => world.version,
    circumstances: () => ({
      streams: true,
      polling: true,
      pollOnly: change.pollOnly ?? false,
      atRest: world.atRest,
    }),
    visible: () => world.visible,
    mode: () => "viewing",
    polling: () => polling,
    ladder: change.ladder ?? ladderFrom(null, Date.now()),
    onLadder: (ladder) => remembered.push(ladder),
    onDelta: (delta) => {
      if ("events" in delta) world.version = delta.events.at(-1)?.seq ?? world.version;
    },
    onDurable: () => undefined,
    onViewers: () => undefined,
    onState: (state) => states.push(state),
    onGone: (error) => gone.push(error),
    random: () => 0.5,
  });
  const lines = () => open.filter((l) => !l.closed);
  return {
    world,
    states,
    gone,
    remembered,
    opened: () => open.map((l) => l.rung),
    alive: () => lines().map((l) => l.rung),
    state: () => states.at(-1),
    troubledBy: (error: Error) => {
      trouble = error;
    },
    brings: (event: Event, lateMs: number) => {
      answer = { news: [{ kind: "delta", delta: { events: [event] } }], lateMs };
    },
    async hear(rung: Rung, news: News) {
      const line = lines().findLast((l) => l.rung === rung);
      if (!line) throw new Error(`${rung} is not open; ${lines().map((l) => l.rung)} are`);
      line.call.hear(news);
      await vi.advanceTimersByTimeAsync(0);
    },
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

const alive: News = { kind: "heard", latencyMs: 5 };
const cut: News = { kind: "closed", error: new Error("cut") };

test("goes down the ladder by what does not work, one way at a time, and remembers it", async () => {
  const page = follow();
  expect(page.alive()).toEqual(["websocket"]);
  await page.hear("websocket", cut);
  expect(page.alive()).toEqual(["sse"]);
  await page.hear("sse", cut);
  expect(page.alive()).toEqual(["longpoll"]);
  await page.hear("longpoll", cut);
  expect(page.alive()).toEqual(["poll"]);
  await page.hear("poll", alive);
  expect(page.state()).toMatchObject({ phase: "live", rung: "poll", lost: false });
  const { blocked } = page.remembered.at(-1) ?? { blocked: {} };
  expect(Object.keys(blocked).sort()).toEqual(["longpoll", "sse", "websocket"]);
  link?.close();
  const next = follow({ ladder: ladderFrom(blocked, Date.now()) });
  expect(next.alive()).toEqual(["poll"]);
});

test("climbs back by itself: the better way is tried beside the one in use, which ends once the other has spoken", async () => {
  const page = follow();
  await page.hear("websocket", cut);
  await page.hear("sse", alive);
  await page.pass(14_000);
  await page.hear("sse", alive);
  expect(page.alive()).toEqual(["sse"]);
  await page.pass(2000);
  expect(page.alive()).toEqual(["sse", "websocket"]);
  await page.hear("websocket", cut);
  expect(page.alive()).toEqual(["sse"]);
  for (let i = 0; i < 6; i++) {
    await page.pass(5000);
    if (page.alive().length === 1) await page.hear("sse", alive);
  }
  expect(page.alive()).toEqual(["sse", "websocket"]);
  await page.hear("websocket", alive);
  expect(page.alive()).toEqual(["websocket"]);
});

test("a stream that says nothing is given up: soon where it never spoke, later where it did", async () => {
  const page = follow();
  await page.pass(5000);
  expect(page.alive()).toEqual(["sse"]);
  await page.hear("sse", alive);
  await page.pass(24_000);
  expect(page.opened().filter((rung) => rung === "sse")).toHaveLength(1);
  await page.pass(2000);
  expect(page.opened().filter((rung) => rung === "sse")).toHaveLength(2);
});

test("where the server is not there either, tries back off and the ladder is not blamed", async () => {
  const page = follow();
  await page.hear("websocket", alive);
  page.world.up = false;
  await page.hear("websocket", cut);
  expect(page.state()).toMatchObject({ phase: "retrying", lost: false });
  await page.pass(2000 + 4000 + 8000);
  expect(page.world.asked).toBe(4);
  expect(page.state()).toMatchObject({ lost: true, retryAt: Date.now() + 16_000 });
  expect(page.alive()).toEqual([]);
  page.world.up = true;
  link?.nudge();
  await page.pass(0);
  expect(page.alive()).toEqual(["websocket"]);
  expect(page.state()).toMatchObject({ lost: false, retryAt: null });
  expect(page.remembered).toEqual([]);
});

test("waits as long as Retry-After says", async () => {
  const page = follow({ pollOnly: true });
  page.world.up = false;
  page.troubledBy(refusal(429, { "Retry-After": "7" }));
  await page.hear("poll", { kind: "closed", error: refusal(429, { "Retry-After": "7" }) });
  await page.pass(6999);
  expect(page.world.asked).toBe(0);
  await page.pass(1);
  expect(page.world.asked).toBe(1);
});

test("a run that is over is followed without a stream, and not at all unless somebody looks", async () => {
  const page = follow();
  await page.hear("websocket", alive);
  page.world.atRest = true;
  await page.hear("websocket", { kind: "end" });
  expect(page.alive()).toEqual(["longpoll"]);
  page.world.visible = false;
  link?.review();
  await page.pass(3_600_000);
  expect(page.alive()).toEqual([]);
  expect(page.world.asked).toBe(0);
  page.world.visible = true;
  link?.review();
  expect(page.alive()).toEqual(["longpoll"]);
  await page.hear("longpoll", alive);
  page.world.atRest = false; // retried by somebody
  await page.hear("longpoll", alive);
  await page.hear("websocket", alive);
  expect(page.alive()).toEqual(["websocket"]);
});

test("a stream that ends while the end may yet be lost is opened again only after a while", async () => {
  const page = follow();
  for (let i = 1; i <= 3; i++) {
    await page.hear("websocket", { kind: "end" });
    expect(page.alive()).toEqual([]);
    expect(page.state()).toMatchObject({ phase: "retrying", lost: false });
    await page.pass(1500);
    expect(page.opened()).toHaveLength(i);
    await page.pass(500);
    expect(page.world.asked).toBe(i);
    expect(page.alive()).toEqual(["websocket"]);
  }
  page.world.atRest = true;
  await page.hear("websocket", { kind: "end" });
  expect(page.alive()).toEqual(["longpoll"]);
});

test("a page that nobody looks at keeps its stream for a while, then asks rarely", async () => {
  const page = follow();
  await page.hear("websocket", alive);
  page.world.visible = false;
  for (let i = 0; i < 5; i++) {
    await page.pass(11_000);
    await page.hear("websocket", alive);
  }
  expect(page.alive()).toEqual(["websocket"]);
  await page.pass(8000);
  expect(page.alive()).toEqual(["poll"]);
  page.world.visible = true;
  await page.hear("poll", alive);
  await page.hear("websocket", alive);
  expect(page.alive()).toEqual(["websocket"]);
});

test("a stream that is stuck is noticed by the slow reconcile, which brings what it withheld", async () => {
  const page = follow();
  await page.hear("websocket", alive);
  await page.pass(20_000);
  await page.hear("websocket", alive);
  page.brings(sampleEvent(2, "step.changed", { step: "progress" }), 2500);
  await page.pass(11_000);
  expect(page.world.version).toBe(2);
  expect(page.opened()).toEqual(["websocket", "websocket"]);
});

test("asks nothing without a network, and at once when it is back", async () => {
  const page = follow();
  await page.hear("websocket", alive);
  online = false;
  window.dispatchEvent(new Event("offline"));
  expect(page.alive()).toEqual([]);
  expect(page.state()).toMatchObject({ phase: "offline" });
  await page.pass(60_000);
  expect(page.world.asked).toBe(0);
  online = true;
  window.dispatchEvent(new Event("online"));
  await page.pass(0);
  expect(page.world.asked).toBe(1);
  expect(page.alive()).toEqual(["websocket"]);
});

test("stops where the investigation is gone", async () => {
  const page = follow();
  page.world.up = false;
  page.troubledBy(refusal(404));
  await page.hear("websocket", cut);
  await page.pass(60_000);
  expect(page.world.asked).toBe(1);
  expect(page.gone).toHaveLength(1);
});

test("polls as soon as the server wants; hidden rarely", async () => {
  const calls: number[] = [];
  vi.stubGlobal("fetch", async () => {
    calls.push(Date.now());
    return new Response(null, {
      status: 304,
      headers: { "X-Poll-After-Ms": "500", "X-Poll-Reason": "run_active" },
    });
  });
  const news: News[] = [];
  let wait = 500;
  const connection = pollingBy(
    ask,
    0,
  )({
    id: "i",
    cursor: () => 1,
    mode: () => "viewing",
    wait: (told) => Math.max(told ?? 0, wait),
    firstWaitMs: 0,
    hear: (one) => news.push(one),
  });
  await vi.advanceTimersByTimeAsync(1200);
  expect(calls).toHaveLength(3);
  expect(news).toContainEqual({ kind: "pace", afterMs: 500, reason: "run_active" });
  wait = 15_000;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(calls.length).toBeLessThanOrEqual(6);
  connection.close();
});
