import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "@playwright/test";
import { z } from "zod";
import { expect, test } from "./fixtures.ts";
import { Holder, patientServer } from "./outside.ts";
import { Server } from "./server.ts";
import {
  completed,
  expectWhole,
  linesOnScreen,
  logIn,
  logOf,
  saved,
  start,
  stateOf,
  victim,
} from "./wizard.ts";

const rows = 6_000;

let culprit = "";

test.use({ sample: rows, env: patientServer }); // a server of its own: on a shared one other specs have another sample
test.beforeAll(async ({ server }) => {
  culprit = await victim(server, rows);
});

const tokens = new Map<Server, string>();

/** Asks the server on behalf of the analyst, from outside of any browser. */
async function ask(server: Server, path: string, body?: object, method = body ? "POST" : "GET"): Promise<unknown> {
  const token = tokens.get(server) ?? (await server.run(["token", "--user", server.analyst.name])).trim();
  tokens.set(server, token);
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}

const act = (server: Server, id: string, what: string) => ask(server, `/wizard/${id}/${what}`, {});

const catalogue = z.object({
  agents: z.array(z.object({ agent: z.string(), tools: z.array(z.object({ tool: z.string() })) })),
});

/** Two checks of each agent: a run that shows everything and takes little time. */
async function fewChecks(server: Server) {
  const { agents } = catalogue.parse(await ask(server, "/agents"));
  return agents.flatMap(({ agent, tools }) => tools.map(({ tool }, i) => ({ agent, tool, enabled: i < 2 })));
}

/** Opens a draft on somebody whom the file holds, ready to be started. */
async function ready(page: Page, server: Server, checks?: { agent: string; tool: string; enabled: boolean }[]): Promise<string> {
  const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(await ask(server, "/datasets"));
  const settings = {
    dataset: items[0]?.id,
    entities: [{ type: "user_id", value: culprit }],
    time_range: { preset: "all" },
    tool_matrix: checks ?? (await fewChecks(server)),
    correlation_mode: "OR",
    execution_mode: "sequential",
    risk_threshold: 60,
  };
  const made = await ask(server, "/investigations", { name: "Followed", settings });
  const { investigation_id: id } = z.object({ investigation_id: z.string() }).parse(made);
  await page.goto(`${server.url}/investigations/${id}/settings`);
  await expect(page.getByLabel(/^Name/)).toHaveValue("Followed");
  return id;
}

const trace = z.object({
  version: z.number(),
  from: z.number(),
  to: z.number(),
  missing: z.array(z.number()),
  gap_free: z.boolean(),
  repeated: z.number(),
  receipts: z.array(z.object({ by: z.string(), tab: z.boolean(), what: z.string(), seq: z.number() })),
});

type Trace = z.infer<typeof trace>;

/** Opens the panel of the pill, and takes the trace away. */
async function traceOf(page: Page): Promise<Trace> {
  await pill(page).click();
  const panel = page.getByRole("dialog");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    panel.getByRole("button", { name: "Download trace" }).click(),
  ]);
  await pill(page).click();
  await expect(panel).toHaveCount(0);
  return trace.parse(JSON.parse(await readFile(await file.path(), "utf8")));
}

const pill = (page: Page) => page.getByRole("banner").getByRole("button", { name: /Live|Up to date|Connecting|Reconnecting|Connection lost|Offline|Saving/ });

/** Waits until the panel of the pill names the way. */
async function expectWay(page: Page, way: string): Promise<void> {
  await pill(page).click();
  await expect(page.getByRole("dialog").getByText(way, { exact: true })).toBeVisible({ timeout: 30_000 });
  await pill(page).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

/**
 * Fails unless the page received exactly the log of the server: each number after its first state came as an
 * event, but for those that the answers to its own saves and acts told first.
 */
async function expectExactly(page: Page, server: Server, id: string): Promise<Trace> {
  const log = await logOf(page, server, id);
  expectWhole(log);
  const got = await traceOf(page);
  expect(got).toMatchObject({ gap_free: true, missing: [], to: log.length, version: log.length });
  const [first, ...rest] = got.receipts;
  expect(first).toMatchObject({ what: "state", by: "load" });
  const from = first?.seq ?? 0;
  const states = rest.filter((r) => r.what !== "event");
  expect(states.filter((r) => r.what !== "state" || r.by !== "save")).toEqual([]);
  const events = new Set(rest.filter((r) => r.what === "event" && r.seq > from).map((r) => r.seq));
  const untold = log.map((e) => e.seq).filter((seq) => seq > from && !events.has(seq));
  expect(untold.filter((seq) => !states.some((r) => r.seq === seq || r.seq === seq + 1))).toEqual([]);
  expect(events.size + untold.length).toBe(log.length - from);
  return got;
}

/** Has somebody else rename the draft, and wants the page to show it, to have the log without a gap, and to say what brought it. */
async function hearsOf(page: Page, server: Server, id: string, name: string): Promise<string | undefined> {
  await ask(server, `/wizard/${id}/state`, { name }, "PUT");
  await expect(page.getByLabel(/^Name/)).toHaveValue(name);
  return whole(page, server, id);
}

async function whole(page: Page, server: Server, id: string): Promise<string | undefined> {
  const { version } = await stateOf(page, server, id);
  const got = await traceOf(page);
  expect(got).toMatchObject({ gap_free: true, missing: [], to: version });
  return got.receipts.findLast((r) => r.what === "event" && r.seq === version)?.by;
}

const carriers = (got: Trace) => new Set(got.receipts.filter((r) => r.what === "event").map((r) => r.by));

async function blockWebSocket(context: BrowserContext): Promise<void> {
  await context.routeWebSocket(/\/ws\?/, (socket) => socket.close({ code: 1011, reason: "blocked" }));
}

async function blockRequests(context: BrowserContext, ...parts: RegExp[]): Promise<void> {
  for (const part of parts) await context.route(part, (route) => route.abort());
}

const rungs = [
  { name: "nothing is blocked", way: "WebSocket", carrier: "websocket", block: async () => {} },
  {
    name: "WebSocket is blocked, and tabs cannot share",
    way: "Event stream (SSE)",
    carrier: "sse",
    block: async (context: BrowserContext) => {
      await blockWebSocket(context);
      await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    },
  },
  {
    name: "both streams are blocked",
    way: "Long polling",
    carrier: "longpoll",
    block: async (context: BrowserContext) => {
      await blockWebSocket(context);
      await blockRequests(context, /\/events\?/);
    },
  },
  {
    name: "nothing but plain polls gets through",
    way: "Polling",
    carrier: "poll",
    block: async (context: BrowserContext) => {
      await blockWebSocket(context);
      await blockRequests(context, /\/events\?/, /wait_ms=/);
    },
  },
];

for (const { name, way, carrier, block } of rungs) {
  test(`a page holds exactly the log of a run where ${name}`, async ({ context, page, server }) => {
    await block(context);
    await logIn(page, server);
    const id = await ready(page, server);
    await expectWay(page, way);
    await start(page);
    await completed(page);
    expect(carriers(await expectExactly(page, server, id))).toContain(carrier);
  });
}

test("two tabs are in step over one connection, and the other takes over when the one that follows is closed", async ({
  context,
  page,
  server,
}) => {
  const sockets: Page[] = [];
  const watch = (tab: Page) => tab.on("websocket", () => sockets.push(tab));
  watch(page);
  await logIn(page, server);
  const id = await ready(page, server);
  await expectWay(page, "WebSocket");
  const other = await context.newPage();
  watch(other);
  await other.clock.install();
  await other.goto(`/investigations/${id}/settings`);
  await expectWay(other, "through another tab of this browser");
  expect(sockets.map((tab) => tab === page)).toEqual([true]);

  await page.getByLabel(/^Name/).fill("Seen in both");
  await saved(page);
  await expect(other.getByLabel(/^Name/)).toHaveValue("Seen in both");
  expect((await traceOf(other)).receipts.some((r) => r.tab)).toBe(true);

  await start(page);
  await act(server, id, "pause");
  await expect(page.getByText("The run is paused")).toBeVisible();
  await other.goto(`/investigations/${id}/progress`);
  await expect(other.getByText("The run is paused")).toBeVisible();
  await expectWay(other, "through another tab of this browser");
  await other.clock.pauseAt((await other.evaluate(() => Date.now())) + 1000); // it takes over at once, not when it has heard nothing for long
  await page.close();
  await expect.poll(() => sockets.filter((tab) => tab === other).length).toBe(1);
  await other.clock.resume();
  await act(server, id, "resume");
  await completed(other);
  const got = await expectExactly(other, server, id);
  expect(got.receipts.some((r) => !r.tab && r.by === "websocket")).toBe(true);
});

/** Takes the network away for a minute of the page's own clock, and wants nothing to be asked meanwhile. */
async function offlineForAMinute(page: Page, meanwhile: () => Promise<unknown>): Promise<void> {
  await page.context().setOffline(true);
  await expect(pill(page)).toContainText("Offline");
  await expect(page.getByRole("main").getByText("This browser has no network.")).toBeVisible();
  const asked: string[] = [];
  const note = (request: { url: () => string }) => asked.push(request.url());
  page.on("request", note);
  for (let seconds = 0; seconds < 60; seconds += 5) await page.clock.runFor(5_000);
  await meanwhile();
  expect(asked.filter((url) => url.includes("/wizard/"))).toEqual([]);
  page.off("request", note);
  await expect(pill(page)).toContainText("Offline");
  await page.context().setOffline(false);
}

test("a page that was offline for a minute, and whose server was away, ends with exactly the log; where streams are switched off it polls", async ({
  page,
}) => {
  const server = await Server.start({ env: { WIZARD_POLLING_MAX_RETRIES: "1" } });
  try {
    await server.addSample(rows);
    await page.clock.install();
    await logIn(page, server, server.url);
    const id = await ready(page, server);
    await start(page);
    await act(server, id, "pause");
    await expect(page.getByText("The run is paused")).toBeVisible();

    await offlineForAMinute(page, async () => {
      await act(server, id, "resume");
      await act(server, id, "pause");
    });
    await expect(pill(page)).toContainText("Live");
    const { version } = await stateOf(page, server, id);
    await expect.poll(async () => (await traceOf(page)).version).toBeGreaterThanOrEqual(version);

    await server.kill9();
    await expect(page.getByText(/Connection lost, retrying in \d+ s/)).toBeVisible();
    await expect(page.getByText("The run is paused")).toBeVisible();
    await server.restart();
    await page.getByRole("main").getByRole("button", { name: "Retry now" }).click();
    await expect(pill(page)).toContainText("Live");
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await completed(page);
    await expectExactly(page, server, id);

    await server.restart({ FEATURE_WIZARD_STREAMS_ENABLED: "false" });
    const polled = await ready(page, server);
    await expectWay(page, "Long polling");
    expect(await hearsOf(page, server, polled, "Polled")).toBe("longpoll");
  } finally {
    await server.stop();
  }
});

test("a page climbs back by itself when what was blocked works again", async ({ context, page, server }) => {
  let blocked = true;
  await context.routeWebSocket(/\/ws\?/, (socket) => {
    if (blocked) return void socket.close({ code: 1011, reason: "blocked" });
    socket.connectToServer();
  });
  await context.route(/\/events\?/, (route) => (blocked ? route.abort() : route.continue()));
  await page.clock.install();
  await logIn(page, server);
  const id = await ready(page, server);
  await expectWay(page, "Long polling");
  blocked = false;
  await page.clock.fastForward("00:20"); // longer than a way that failed once is left alone
  await expectWay(page, "WebSocket");
  expect(await hearsOf(page, server, id, "Climbed")).toBe("websocket");
});

test("a page that nobody looks at lets its stream go, asks rarely, and has everything when it is looked at", async ({ page, server }) => {
  const polls: string[] = [];
  page.on("request", (request) => request.url().includes("/poll?") && polls.push(request.url()));
  const look = (how: "hidden" | "visible") =>
    page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, how);
  await page.clock.install();
  await logIn(page, server);
  const id = await ready(page, server);
  await expectWay(page, "WebSocket");
  await look("hidden");
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 65_000);
  const [answer] = await Promise.all([page.waitForResponse(/\/poll\?/), page.clock.runFor(1_000)]);
  await answer.finished();
  await ask(server, `/wizard/${id}/state`, { name: "Renamed meanwhile" }, "PUT");
  const before = polls.length;
  await expect
    .poll(async () => {
      await page.clock.runFor(15_000); // three times the slow pace
      return polls.length;
    })
    .toBeGreaterThan(before);
  await page.clock.runFor(14_000);
  expect(polls.length).toBe(before + 1);
  await look("visible");
  await page.clock.resume();
  await expect(page.getByLabel(/^Name/)).toHaveValue("Renamed meanwhile");
  await expectWay(page, "WebSocket");
  expect(await whole(page, server, id)).toBe("poll");
});

test("a tab that holds the lock and says nothing is replaced", async ({ context, page, server }) => {
  await page.addInitScript(() => {
    const say = BroadcastChannel.prototype.postMessage;
    BroadcastChannel.prototype.postMessage = function (what) {
      if (!document.documentElement.hasAttribute("data-mute")) say.call(this, what);
    };
  });
  const mute = (on: boolean) => page.evaluate((on) => document.documentElement.toggleAttribute("data-mute", on), on);
  await logIn(page, server);
  const id = await ready(page, server);
  await expectWay(page, "WebSocket");
  const other = await context.newPage();
  let sockets = 0;
  other.on("websocket", () => {
    sockets += 1;
  });
  await other.clock.install();
  await other.goto(`/investigations/${id}/settings`);
  await expectWay(other, "through another tab of this browser");
  await mute(true);
  expect(sockets).toBe(0);
  await other.clock.fastForward(6_000);
  await expect.poll(() => sockets).toBe(1);
  await hearsOf(other, server, id, "Seen by the other");
  await mute(false);
  await expectWay(page, "through another tab of this browser");
  await hearsOf(page, server, id, "Seen by both");
});

test("who wants nothing but polls has them, in every browser", async ({ page, browser, server }) => {
  await logIn(page, server);
  const id = await ready(page, server);
  await expectWay(page, "WebSocket");
  try {
    await pill(page).click();
    await Promise.all([
      page.waitForResponse((answer) => answer.url().endsWith("/profile") && answer.request().method() === "PUT" && answer.ok()),
      page.getByRole("dialog").getByRole("switch", { name: /Only poll/ }).press("Space"),
    ]);
    await pill(page).click();
    await expectWay(page, "Polling");

    const elsewhere = await browser.newContext({ baseURL: server.url });
    const other = await elsewhere.newPage();
    await logIn(other, server, `/investigations/${id}/settings`);
    await expectWay(other, "Polling");
    await start(other);
    await completed(other);
    const got = await expectExactly(other, server, id);
    expect(carriers(got)).toContain("poll");
    await elsewhere.close();
    await expect(page.getByText("Completed").first()).toBeVisible();
    expect(carriers(await expectExactly(page, server, id))).toEqual(new Set(["poll"]));
  } finally {
    await ask(server, "/profile", { density: "comfortable", views: [] }, "PUT");
  }
});

test("people see who else is here, and who is gone", async ({ page, browser, server }) => {
  const lead = { name: "boss", password: "another correct horse" };
  await server.addUser(lead, "lead");
  await logIn(page, server);
  const id = await ready(page, server);
  await ask(server, `/wizard/${id}/sharing`, { shared: true }, "PUT");
  const elsewhere = await browser.newContext({ baseURL: server.url });
  const other = await elsewhere.newPage();
  await logIn(other, { analyst: lead }, `/investigations/${id}/settings`);
  await expect(page.getByRole("list", { name: "Also here" })).toContainText("boss is looking at this");
  await page.getByLabel(/^Name/).fill("Somebody types");
  await expect(other.getByRole("list", { name: "Also here" })).toContainText("analyst is editing");
  await elsewhere.close();
  await expect(page.getByRole("list", { name: "Also here" })).toHaveCount(0);
});

test("a run is left at about half and gone on with in another browser, which shows all of it", async ({ page, browser, server }) => {
  // seven checks of the server's own, and ten that stay under way until they are let go: the run stands at 44 %, working
  const holder = await Holder.register(server, "outside", 10);
  const own = (await fewChecks(server)).filter(({ enabled }) => enabled).slice(0, 7);
  await logIn(page, server);
  const id = await ready(page, server, [...own, ...holder.checks]);
  await start(page);
  const lease = await holder.take();
  await expect(page.getByText("7 of 17 checks done")).toBeVisible();
  await page.context().close();

  const elsewhere = await browser.newContext({ baseURL: server.url });
  const other = await elsewhere.newPage();
  await logIn(other, server, `/investigations/${id}`);
  await other.waitForURL(/\/progress$/);
  await expect(other.getByText("44 %", { exact: true })).toBeVisible();
  const { status, progress } = await stateOf(other, server, id);
  expect([status, Math.floor(progress.percent)]).toEqual(["running", 44]);
  const phases = other.getByRole("list", { name: "Phases" }).getByRole("listitem");
  await expect(phases).toHaveText([/^Planning[\d.]+ m?s$/, /^Collection[\d.]+ m?s$/, /^Analysis41 % · \d/, /^CorrelationWaiting$/, /^AssessmentWaiting$/]);
  await expect(phases.and(other.locator('[aria-current="step"]'))).toContainText("Analysis");
  const agents = other.getByRole("region", { name: "Agents" }).getByRole("listitem");
  const words: Record<string, string> = { pending: "Waiting", running: "Running", completed: "Done" };
  await expect(agents).toHaveText(progress.agents.map(({ status }) => new RegExp(words[status] ?? status)));
  await expect(agents.filter({ hasText: "Running" })).toHaveText(/^Held checks.*0 \/ 10 checks/);
  expect(await linesOnScreen(other)).toEqual(Array.from({ length: progress.log_lines }, (_, i) => i + 1));

  // it goes on while nobody looks, and is over when somebody does
  await elsewhere.close();
  await holder.report(lease);
  await holder.pass(9);
  await expect
    .poll(() => ask(server, `/wizard/${id}/poll?cursor=0&limit=1`)) // reading the state would count as a visit
    .toMatchObject({ status: "completed" });
  const back = await browser.newContext({ baseURL: server.url });
  const third = await back.newPage();
  await logIn(third, server, `/investigations/${id}`);
  await completed(third);
  const news = third.getByRole("main").getByRole("status").filter({ hasText: "Since you last looked" });
  await expect(news).toContainText("10 checks were done");
  await expect(news).toContainText("The run was completed");
  const log = await logOf(third, server, id);
  expectWhole(log);
  await third.goto(`/investigations/${id}/progress`);
  const lines = log.filter(({ type }) => type === "log.appended").length;
  await expect(third.getByText(`${lines} lines`, { exact: true })).toBeVisible();
  await back.close();
});
