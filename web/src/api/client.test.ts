import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { get, onSessionExpired, send, sendConditional } from "./client";
import { ApiError, OFFLINE, retryAfter, ShapeError } from "./problem";
import { getMe } from "./session";

const body = z.object({ n: z.number() });

type Call = { path: string; method: string; headers: Headers };
let calls: Call[];
let answers: (call: Call) => Response | Promise<Response>;

const json = (status: number, value: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(value), { status, headers });
const count = (path: string) => calls.filter((c) => c.path === path).length;

beforeEach(() => {
  calls = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const call = { path, method: init.method ?? "GET", headers: new Headers(init.headers) };
    calls.push(call);
    return answers(call);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("an answer is parsed, never believed", async () => {
  answers = () => json(200, { n: 7, more: true });
  expect(await get("/x", body)).toEqual({ n: 7 });
  answers = () => json(200, { n: "7" });
  await expect(get("/x", body)).rejects.toBeInstanceOf(ShapeError);
  answers = () => new Response("<html>", { status: 200 });
  await expect(get("/x", body)).rejects.toBeInstanceOf(ShapeError);
});

test("a problem keeps its code, its faults and how long to wait", async () => {
  answers = () =>
    json(
      422,
      {
        status: 422,
        code: "invalid",
        detail: "two things are wrong",
        errors: [{ pointer: "/name", code: "required", detail: "give a name" }],
        current: { n: 3 },
      },
      { "Retry-After": "2", "X-Request-Id": "r1" },
    );
  const error = await get("/x", body).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 422,
    code: "invalid",
    message: "Two things are wrong",
    retryAfterMs: 2000,
    requestId: "r1",
    faults: [{ pointer: "/name" }],
  });
  expect(error instanceof ApiError && error.extra("current", body)).toEqual({ n: 3 });
  expect(error instanceof ApiError && error.extra("absent", body)).toBeUndefined();
});

test("a refusal that is no problem document still says its status", async () => {
  answers = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  await expect(get("/x", body)).rejects.toMatchObject({ status: 502, faults: [] });
});

test("a broken network is an error of its own", async () => {
  answers = () => Promise.reject(new TypeError("fetch failed"));
  await expect(get("/x", body)).rejects.toMatchObject({ status: OFFLINE, code: "offline" });
});

test("each POST has a key of its own, which its repetition keeps", async () => {
  let first = true;
  answers = (call) => {
    if (call.path.endsWith("/auth/refresh")) return json(200, {});
    if (!first) return json(200, { n: 1 });
    first = false;
    return json(401, {});
  };
  await send({ method: "POST", path: "/x", body: {} }, body);
  await send({ method: "POST", path: "/x", body: {} }, body);
  const keys = calls.filter((c) => c.path === "/api/v1/x").map((c) => c.headers.get("Idempotency-Key"));
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[0]);
  expect(keys.every(Boolean)).toBe(true);
});

test("many requests that find the session over renew it once", async () => {
  let renewed = false;
  answers = (call) => {
    if (!call.path.endsWith("/auth/refresh")) return renewed ? json(200, { n: 1 }) : json(401, {});
    renewed = true;
    return json(200, {});
  };
  await Promise.all([get("/a", body), get("/b", body), get("/c", body)]);
  expect(count("/api/v1/auth/refresh")).toBe(1);
});

test("where it cannot be renewed, requests wait for a login and then go on", async () => {
  let logged = false;
  answers = (call) => {
    if (call.path.endsWith("/auth/refresh")) return json(401, {});
    return logged ? json(200, { n: 5 }) : json(401, {});
  };
  let logIn = () => {};
  onSessionExpired(
    () =>
      new Promise((resolve) => {
        logIn = resolve;
      }),
  );
  const waiting = get("/x", body);
  await vi.waitFor(() => expect(count("/api/v1/auth/refresh")).toBe(1));
  await new Promise((resolve) => setTimeout(resolve));
  logged = true;
  logIn();
  expect(await waiting).toEqual({ n: 5 });
});

test("a session that cannot be renewed just now is not over: nobody is asked for a password", async () => {
  const asked = vi.fn(async () => undefined);
  onSessionExpired(asked);
  for (const refresh of [
    () => json(503, { code: "unavailable" }),
    () => Promise.reject(new TypeError("no network")),
  ]) {
    answers = (call) => (call.path.endsWith("/auth/refresh") ? refresh() : json(401, {}));
    await expect(get("/x", body)).rejects.toBeInstanceOf(ApiError);
  }
  expect(asked).not.toHaveBeenCalled();
});

test("who would rather fail than wait for a login is not made to wait", async () => {
  answers = () => json(401, { code: "unauthenticated" });
  await expect(get("/x", body, { onUnauthorized: "fail" })).rejects.toMatchObject({ status: 401 });
});

test("a visitor without a session causes no request that fails; a session that can be renewed is", async () => {
  const ana = { id: "ana", name: "Ana", role: "analyst" };
  answers = () => json(200, { user: null, renewable: false });
  expect(await getMe()).toBeNull();
  expect(count("/api/v1/auth/refresh")).toBe(0);

  let renewed = false;
  answers = (call) => {
    if (call.path.endsWith("/auth/refresh")) renewed = true;
    return json(200, { user: renewed ? ana : null, renewable: true });
  };
  expect(await getMe()).toEqual(ana);
  expect(count("/api/v1/auth/refresh")).toBe(1);
});

test("nothing new is an answer without a body", async () => {
  answers = () => new Response(null, { status: 304, headers: { "X-Poll-After-Ms": "500" } });
  const answer = await sendConditional({ method: "GET", path: "/x" }, body);
  expect([answer.data, answer.headers.get("X-Poll-After-Ms")]).toEqual([null, "500"]);
});

test("Retry-After in seconds and as a date", () => {
  const now = Date.parse("2026-11-22T09:00:00Z");
  expect(retryAfter("3", now)).toBe(3000);
  expect(retryAfter("Sun, 22 Nov 2026 09:00:10 GMT", now)).toBe(10_000);
  expect(retryAfter("Sun, 22 Nov 2026 08:00:00 GMT", now)).toBe(0);
  expect(retryAfter("soon", now)).toBeNull();
  expect(retryAfter(null, now)).toBeNull();
});
