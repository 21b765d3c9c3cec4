import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, problem } from "../api/problem";
import { type LinkState, openLink, type Transport, type Update } from "./link";

const polling = {
  fast_ms: 500,
  normal_ms: 2000,
  slow_ms: 5000,
  max_retries: 3,
  backoff_multiplier: 2,
  max_backoff_ms: 30_000,
};
const calm: Update = { delta: null, more: false, againInMs: 500 };
const refusal = (status: number, headers = {}) =>
  new ApiError(problem.parse({ status }), new Headers(headers));

let visibility: DocumentVisibilityState;
let online: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  visibility = "visible";
  online = true;
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => online);
});
afterEach(() => {
  vi.useRealTimers();
});

function follow(transport: Transport, atRest = false) {
  const states: LinkState[] = [];
  const gone: ApiError[] = [];
  const link = openLink({
    id: "i",
    transport,
    cursor: () => 1,
    atRest: () => atRest,
    onDelta: () => {},
    onState: (state) => states.push(state),
    onGone: (error) => gone.push(error),
    polling: () => polling,
    random: () => 0.5,
  });
  return { link, states, gone };
}

test("asks at once, then as soon as the server wants", async () => {
  const transport = vi.fn(async () => calm);
  const { link } = follow(transport);
  await vi.advanceTimersByTimeAsync(0);
  expect(transport).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(499);
  expect(transport).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(transport).toHaveBeenCalledTimes(2);
  link.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(transport).toHaveBeenCalledTimes(2);
});

test("backs off, tells when the connection is lost, and recovers", async () => {
  let up = false;
  const transport = vi.fn(async () => {
    if (up) return calm;
    throw refusal(0);
  });
  const { link, states } = follow(transport);
  await vi.advanceTimersByTimeAsync(2000 + 4000 + 8000);
  expect(transport).toHaveBeenCalledTimes(4);
  expect(states.map((s) => s.lost)).toEqual([false, false, false, true]);
  expect(states[3]?.retryAt).toBe(Date.now() + 16_000);
  up = true;
  link.nudge();
  await vi.advanceTimersByTimeAsync(0);
  expect(states[4]).toEqual({ lost: false, retryAt: null });
  link.close();
});

test("waits as long as Retry-After says", async () => {
  const transport = vi.fn(async () => {
    throw refusal(429, { "Retry-After": "7" });
  });
  const { link } = follow(transport);
  await vi.advanceTimersByTimeAsync(6999);
  expect(transport).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(transport).toHaveBeenCalledTimes(2);
  link.close();
});

test("a hidden page asks rarely, and not at all at rest; shown again it asks at once", async () => {
  visibility = "hidden";
  const active = vi.fn(async () => calm);
  const resting = vi.fn(async () => calm);
  const one = follow(active);
  const two = follow(resting, true);
  await vi.advanceTimersByTimeAsync(14_999);
  expect(active).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(active).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(resting).toHaveBeenCalledTimes(1);
  visibility = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(resting).toHaveBeenCalledTimes(2);
  one.link.close();
  two.link.close();
});

test("asks nothing without a network, and at once when it is back", async () => {
  online = false;
  const transport = vi.fn(async () => calm);
  const { link } = follow(transport);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(transport).not.toHaveBeenCalled();
  online = true;
  window.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(0);
  expect(transport).toHaveBeenCalledTimes(1);
  link.close();
});

test("stops where the investigation is gone", async () => {
  const transport = vi.fn(async () => {
    throw refusal(404);
  });
  const { gone } = follow(transport);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(transport).toHaveBeenCalledTimes(1);
  expect(gone).toHaveLength(1);
});
