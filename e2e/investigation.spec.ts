import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import type { Server } from "./server.ts";
import {
  addEntity,
  chooseDataset,
  completed,
  expectWhole,
  idOf,
  linesOnScreen,
  logIn,
  logOf,
  newInvestigation,
  saved,
  start,
  stateOf,
  victim,
} from "./wizard.ts";

const rows = 40_000; // enough that a run takes seconds and can be paused and killed in the middle
let culprit = "";

test.beforeAll(async ({ server }) => {
  await server.addSample(rows);
  culprit = await victim(server, rows);
  expect(culprit).toMatch(/^u_/);
});

test("an analyst sets up, watches, and reads what was found, down to the rows of the file", async ({ page, server }) => {
  await logIn(page, server);
  const id = await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Takeover of a good customer");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, culprit);
  await page.getByText("One after another").click();
  await saved(page);
  const kept = await stateOf(page, server, id);
  expect(kept.name).toBe("Takeover of a good customer");
  expect(kept.settings).toMatchObject({ execution_mode: "sequential", entities: [{ type: "user_id", value: culprit }] });

  await start(page);
  await expect(page.getByText(/\d+ of \d+ checks done/)).toBeVisible();
  await expect(page.getByRole("log").locator("[data-line]").first()).toBeVisible();
  await completed(page);

  const found = await stateOf(page, server, id);
  expect(found.status).toBe("completed");
  expect(found.results?.not_assessed.length).toBeGreaterThan(0);
  const travel = found.results?.findings.find((f) => f.tool === "GEO-01");
  expect(travel?.sentence).toMatch(/km\/h/);
  await expect(page.getByText(travel?.sentence ?? "", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "Not assessed" })).toBeVisible();

  // Each cited row is the row of the file that it says it is.
  const lines = (await readFile(join(server.dir, "sample.csv"), "utf8")).split("\n");
  for (const { row, fields } of travel?.evidence ?? []) {
    expect(lines[row]?.split(",")[0]).toBe(fields.transaction_id);
  }
  await page.getByRole("button", { name: /^(Critical|High) Impossible travel/ }).first().click();
  const first = travel?.evidence[0];
  await expect(page.getByRole("region", { name: "Rows that show it" }).getByText(String(first?.fields.transaction_id)).first()).toBeVisible();

  // the risk over the time of the run ends where its agents ended
  await page.goto(`/investigations/${id}/progress`);
  const curve = page.getByRole("region", { name: "Highest risk any agent sees" });
  await expect(curve.getByRole("listitem").last()).toHaveText(/^\d\d:\d\d:\d\d: \d+, \w+/);
  await expect(curve).toContainText(/Critical|High|Medium|Low/);

  await page.getByRole("link", { name: "Investigations" }).first().click();
  const item = page.getByRole("row", { name: /Takeover of a good customer/ });
  await expect(item).toContainText("Completed");
  expectWhole(await logOf(page, server, id));
});

test("a reload and another browser show the same step and the same entries", async ({ page, server, browser }) => {
  await logIn(page, server);
  await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Half done");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, culprit);
  await addEntity(page, "203.0.113.9");
  await page.getByText("Last 30 days").click();
  await page.getByText("AND: one of every type").click();
  await saved(page);
  const typed = await page.locator("main").innerText();
  await page.reload();
  await expect(page.getByLabel(/^Name/)).toHaveValue("Half done");
  await expect(page.getByText("2 of 10")).toBeVisible();

  const elsewhere = await browser.newContext({ baseURL: server.url, timezoneId: "Europe/Vienna", locale: "en-GB" });
  const other = await elsewhere.newPage();
  await logIn(other, server, `/investigations/${idOf(page)}`);
  await other.waitForURL(/\/settings$/);
  await expect(other.getByLabel(/^Name/)).toHaveValue("Half done");
  await expect(other.getByLabel(/^Entity \d+: Value/).nth(0)).toHaveValue(culprit);
  await expect(other.getByLabel(/^Entity \d+: Value/).nth(1)).toHaveValue("203.0.113.9");
  await expect(other.getByRole("radio", { name: "Last 30 days" })).toBeChecked();
  await expect(other.getByRole("radio", { name: /AND: one of every type/ })).toBeChecked();
  expect(typed).toContain("2 of 10");
  await elsewhere.close();
});

test("a server that is killed in the middle of a run goes on where it stood, and the open page recovers by itself", async ({
  page,
  server,
}) => {
  await logIn(page, server);
  const id = await ready(page);
  await start(page);
  await expect.poll(async () => (await stateOf(page, server, id)).progress.percent, { intervals: [50] }).toBeGreaterThan(30);
  await server.kill9();
  await expect(page.getByText(/Reconnecting|Connection lost/).first()).toBeVisible();
  await server.restart();

  const before = await stateOf(page, server, id);
  expect(before.status).toBe("running");
  await completed(page);
  const after = await stateOf(page, server, id);
  const events = await logOf(page, server, id);
  expectWhole(events);
  expect(events.filter((e) => e.type === "log.appended").length).toBe(after.progress.log_lines);
  expect(events.some((e) => e.type === "log.appended" && /goes on where it stood/.test(String(e.data.message)))).toBe(true);
  await server.run(["check"]);

  await page.goto(`/investigations/${id}/progress`);
  const box = page.getByRole("log");
  await expect(box).toBeVisible();
  const last = box.locator(`[data-line="${after.progress.log_lines}"]`);
  await page.setViewportSize({ width: 390, height: 844 });
  // what is followed stays at its very end, with each row where it was reckoned to be and as wide as the screen
  await expect.poll(() => last.evaluate((row) => Math.abs(row.getBoundingClientRect().bottom - (row.closest("[role=log]")?.getBoundingClientRect().bottom ?? 0)))).toBeLessThan(3);
  expect(await box.evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(last).toBeVisible();
  expect(await linesOnScreen(page)).toEqual(Array.from({ length: after.progress.log_lines }, (_, i) => i + 1));
});

/** Sets up an investigation of the culprit. */
async function ready(page: Page): Promise<string> {
  const id = await newInvestigation(page);
  await chooseDataset(page, "Sample shop");
  await addEntity(page, culprit);
  await page.getByText("One after another").click();
  await saved(page);
  return id;
}

async function pause(page: Page, server: Server, id: string): Promise<void> {
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("The run is paused")).toBeVisible();
  await expect
    .poll(async () => (await stateOf(page, server, id)).progress.tools.filter((t) => t.status === "running").length)
    .toBe(0);
  expect((await stateOf(page, server, id)).status).toBe("paused");
}

test("a paused run keeps what is done and goes on when it is resumed", async ({ page, server }) => {
  await logIn(page, server);
  const id = await ready(page);
  await start(page);
  await pause(page, server, id);
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await completed(page);
  expectWhole(await logOf(page, server, id));
});

test("a cancelled run stays cancelled, with what it found", async ({ page, server }) => {
  await logIn(page, server);
  const id = await ready(page);
  await start(page);
  await pause(page, server, id);
  await page.getByRole("button", { name: "Cancel run", exact: true }).click();
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await expect(page.getByText("The run was cancelled")).toBeVisible();
  expect((await stateOf(page, server, id)).status).toBe("cancelled");
  await expect(page.getByRole("list", { name: "Phases" })).toContainText("Not reached");
  await expect(page.getByRole("list", { name: "Phases" })).not.toContainText("Waiting");
  const found = (await stateOf(page, server, id)).results?.findings.length ?? 0; // a quick hand may pause before anything is
  if (found === 0) return expect(page.getByText("found nothing, so there are no results")).toBeVisible();
  await page.getByRole("link", { name: "See the partial results" }).click();
  await expect(page.getByText("These results are partial")).toBeVisible();
});

test("a run that failed says what to do, and is retried", async ({ page, server }) => {
  await logIn(page, server);
  const id = await ready(page);
  const home = join(server.dir, "data", "datasets");
  await rename(home, `${home}.away`);
  await start(page);
  await expect(page.getByText("The run stopped before it was complete")).toBeVisible();
  await rename(`${home}.away`, home);
  await page.getByRole("button", { name: "Retry", exact: true }).click();
  await completed(page);
  expect((await stateOf(page, server, id)).status).toBe("completed");
});

test("a run that failed can be cancelled instead, for good", async ({ page, server }) => {
  await logIn(page, server);
  const id = await ready(page);
  const home = join(server.dir, "data", "datasets");
  await rename(home, `${home}.away`);
  await start(page);
  await expect(page.getByText("The run stopped before it was complete")).toBeVisible();
  await rename(`${home}.away`, home);
  await page.getByRole("button", { name: "Cancel run", exact: true }).click();
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await expect(page.getByText("The run was cancelled")).toBeVisible();
  expect((await stateOf(page, server, id)).status).toBe("cancelled");
  await expect(page.getByRole("button", { name: "Retry", exact: true })).toHaveCount(0);
});
