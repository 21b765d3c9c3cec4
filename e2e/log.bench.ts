import type { Locator } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { logIn, newInvestigation } from "./wizard.ts";

/**
 * How the log view scrolls with 100,000 lines: npm run bench. The lines are made here, page by page as the server hands
 * them out, since no run writes so many in a reasonable time; everything else is the built program.
 */
const lines = 100_000;
const seconds = 5;

const line = (n: number) => ({
  seq: n,
  line: n,
  at: new Date(Date.UTC(2026, 10, 22, 9) + n * 37).toISOString(),
  level: n % 50 === 0 ? "warn" : n % 401 === 0 ? "error" : "info",
  agent: "location",
  tool: n % 3 ? "GEO-01" : "",
  message: `line ${n}: ${"read rows of the window and compared them with the past of the account ".repeat((n % 4) + 1)}`,
});

/** Scrolls an element by so much in every frame; when each frame was. */
const scroll = (box: Locator, step: number) =>
  box.evaluate(
    (element, { step, ms }) =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        const begun = performance.now();
        const frame = (now: number) => {
          times.push(now);
          element.scrollBy(0, step);
          if (now - begun < ms) requestAnimationFrame(frame);
          else done(times);
        };
        requestAnimationFrame(frame);
      }),
    { step, ms: seconds * 1000 },
  );

function rate(frames: number[]): string {
  const gaps = frames.slice(1).map((at, i) => at - (frames[i] ?? at)).sort((a, b) => a - b);
  const at = (share: number) => (gaps[Math.floor(gaps.length * share)] ?? 0).toFixed(1);
  const span = (frames.at(-1) ?? 0) - (frames[0] ?? 0);
  return `${((1000 * gaps.length) / span).toFixed(1)} frames/s; between frames p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`;
}

test("the log scrolls through 100,000 lines", async ({ page, server }) => {
  await logIn(page, server);
  const id = await newInvestigation(page);
  const context = page.context();
  await context.routeWebSocket(/\/ws\?/, (socket) => socket.close());
  await context.route(/\/events\?|\/poll\?/, (route) => route.fulfill({ status: 304, headers: { "X-Poll-After-Ms": "5000", "X-Poll-Reason": "terminal" } }));
  await context.route(/\/state$/, async (route) => {
    if (route.request().method() !== "GET") return route.abort();
    const state = await (await route.fetch()).json();
    const progress = { ...state.progress, percent: 100, log_lines: lines };
    await route.fulfill({ json: { ...state, status: "cancelled", version: lines, progress } });
  });
  await context.route(/\/logs\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get("cursor"));
    const items = Array.from({ length: Math.min(Number(query.get("limit")), lines - from) }, (_, i) => line(from + i + 1));
    const reached = from + items.length;
    return route.fulfill({ json: { items, next_cursor: reached, has_more: reached < lines, total: lines } });
  });

  const opened = Date.now();
  await page.goto(`/investigations/${id}/progress`);
  await expect(page.getByText("100,000 lines", { exact: true })).toBeVisible({ timeout: 60_000 });
  console.log(`read and shown in ${Date.now() - opened} ms`);

  const box = page.getByRole("log");
  await box.scrollIntoViewIfNeeded();
  const cdp = await context.newCDPSession(page);
  // processor time, which other work on the machine does not change
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const cost = async () =>
    Object.fromEntries((await cdp.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));

  // what this browser and machine can show at all: a box with nothing in it, scrolled alike
  const bare = await context.newPage();
  await bare.setContent('<div id="box" style="height:500px;overflow:auto"><div style="height:2000000px"></div></div>');
  console.log(`an empty box: ${rate(await scroll(bare.locator("#box"), 120))}`);
  await bare.close();
  await page.bringToFront();

  for (const [how, step] of [
    ["as by a wheel", 120],
    ["in leaps", 5_000],
  ] as const) {
    await box.evaluate((element) => element.scrollTo(0, 0));
    await page.waitForTimeout(500);
    const before = await cost();
    const frames = await scroll(box, step);
    const after = await cost();
    const spent = (name: string) => ((1000 * ((after[name] ?? 0) - (before[name] ?? 0))) / frames.length).toFixed(2);
    console.log(
      `${how}: ${rate(frames)}; processor time of the main thread per frame: ${spent("TaskDuration")} ms, of it script ${spent("ScriptDuration")}, style ${spent("RecalcStyleDuration")}, layout ${spent("LayoutDuration")}`,
    );
    const held = await box.locator("[data-line]").count();
    console.log(`rows in the page: ${held}`);
    expect(held).toBeLessThan(120);
  }

  const narrowing = Date.now();
  await page.getByRole("textbox", { name: "Search the log" }).fill("line 99999:");
  await expect(page.getByText("1 of 100,000 lines")).toBeVisible();
  console.log(`a search through all lines, until it shows: ${Date.now() - narrowing} ms`);
});
