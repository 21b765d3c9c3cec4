import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { z } from "zod";
import type { Login, Server } from "./server.ts";

/** The acts of an analyst in the wizard, by what is to be seen on the screens. */

export async function logIn(page: Page, server: Pick<Server, "analyst">, next = "/", user: Login = server.analyst): Promise<void> {
  await page.goto(next);
  await page.getByLabel("User name").fill(user.name);
  await page.locator('input[name="password"]').fill(user.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("link", { name: "Investigations" }).first()).toBeVisible();
}

/** A user that the sample plants an account takeover on, read from its labels. */
export async function victim(server: Server, rows: number): Promise<string> {
  await server.run(["demo", "--rows", String(rows), "--out", "sample.csv"]);
  const [head = "", ...lines] = (await readFile(join(server.dir, "sample.csv"), "utf8")).trim().split("\n");
  const names = head.split(",");
  const cellsOf = (line: string) => line.match(/"[^"]*"|[^,]+|(?<=,|^)(?=,|$)/g) ?? []; // a quoted user agent has commas in it
  const hit = lines.map(cellsOf).find((cells) => cells[names.indexOf("fraud_scenario")] === "account_takeover");
  const user = hit?.[names.indexOf("user_id")];
  if (user === undefined) throw new Error(`no account takeover is planted in ${rows} rows`);
  return user;
}

/** Opens a new draft and gives its id. */
export async function newInvestigation(page: Page): Promise<string> {
  await page.getByRole("link", { name: "New investigation" }).first().click();
  await page.waitForURL(/\/investigations\/[^/]+\/settings$/);
  await expect(page.getByLabel(/^Name/)).toBeVisible();
  return idOf(page);
}

export function idOf(page: Page): string {
  const id = /\/investigations\/([^/]+)/.exec(page.url())?.[1];
  if (id === undefined) throw new Error(`${page.url()} names no investigation`);
  return id;
}

export async function chooseDataset(page: Page, name: string): Promise<void> {
  await page.getByLabel(/^Data set/).first().click();
  await page.getByRole("option", { name: new RegExp(name) }).click();
}

export async function addEntity(page: Page, value: string, type?: string): Promise<void> {
  const field = page.getByLabel("Add entities");
  await field.fill(value);
  await field.press("Enter");
  const row = page.getByLabel(/^Entity \d+: Value/).last();
  await expect(row).toHaveValue(value);
  if (type !== undefined) {
    await page.locator(`input[aria-label$=": Type"]`).last().click();
    await page.getByRole("option", { name: type, exact: true }).click();
  }
}

/** Waits until the server has acknowledged everything that was typed. */
export async function saved(page: Page): Promise<void> {
  await expect(page.getByText(/^Saved \d/)).toBeVisible();
  await expect(page.getByText("Saving…")).toHaveCount(0);
}

export async function start(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start investigation" }).click();
  await page.waitForURL(/\/(progress|results)$/); // a quick run is over before anybody looks
}

export async function completed(page: Page): Promise<void> {
  await page.waitForURL(/\/results$/);
  await expect(page.getByRole("heading", { name: "Summary" })).toBeVisible();
}

const state = z.looseObject({
  status: z.string(),
  name: z.string(),
  version: z.number(),
  settings: z.unknown(),
  progress: z.looseObject({
    percent: z.number(),
    log_lines: z.number(),
    phases: z.array(z.looseObject({ id: z.string(), status: z.string() })),
    agents: z.array(z.looseObject({ agent: z.string(), status: z.string() })),
    tools: z.array(z.looseObject({ tool: z.string(), status: z.string(), outcome: z.string().optional() })),
  }),
  results: z
    .looseObject({
      risk_score: z.number().nullable(),
      digest: z.string().optional(),
      findings: z.array(
        z.looseObject({
          tool: z.string(),
          title: z.string(),
          sentence: z.string(),
          evidence: z.array(z.object({ row: z.number(), fields: z.record(z.string(), z.unknown()) })),
        }),
      ),
      not_assessed: z.array(z.looseObject({ tool: z.string(), reason: z.string() })),
    })
    .nullable(),
});
export type State = z.infer<typeof state>;

/** What the server holds of an investigation, read with the session of the page. */
export async function stateOf(page: Page, server: Server, id: string): Promise<State> {
  const answer = await page.request.get(`${server.url}/api/v1/wizard/${id}/state`);
  expect(answer.status()).toBe(200);
  return state.parse(await answer.json());
}

const delta = z.looseObject({
  events: z.array(z.looseObject({ seq: z.number(), type: z.string(), data: z.record(z.string(), z.unknown()) })),
  next_cursor: z.number(),
  has_more: z.boolean(),
  version: z.number(),
});
export type LogEvent = z.infer<typeof delta>["events"][number];

/** The whole log of an investigation, by the cursor. */
export async function logOf(page: Page, server: Server, id: string): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (let cursor = 0; ; ) {
    const answer = await page.request.get(`${server.url}/api/v1/wizard/${id}/poll?cursor=${cursor}&limit=200`);
    if (answer.status() === 429) {
      await page.waitForTimeout(1000);
      continue;
    }
    expect(answer.status()).toBe(200);
    const part = delta.parse(await answer.json());
    events.push(...part.events);
    cursor = part.next_cursor;
    if (!part.has_more) return events;
  }
}

/** Fails unless the log is 1..N. */
export function expectGapless(events: LogEvent[]): void {
  expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1));
}

/** Fails unless the log is 1..N and every check came to its end exactly once. */
export function expectWhole(events: LogEvent[]): void {
  expectGapless(events);
  const ends = new Map<string, number>();
  for (const { type, data } of events) {
    if (type === "tool.changed" && data.status === "completed") {
      const tool = String(data.tool);
      ends.set(tool, (ends.get(tool) ?? 0) + 1);
    }
  }
  expect(ends.size).toBeGreaterThan(10);
  expect([...ends].filter(([, n]) => n !== 1)).toEqual([]);
}

/** The lines that the log view holds, scrolled through from the first to the last. */
export async function linesOnScreen(page: Page): Promise<number[]> {
  const seen = new Set<number>();
  const log = page.getByRole("log");
  await log.evaluate((box) => box.scrollTo(0, 0));
  for (let still = 0; still < 3; ) {
    const before = seen.size;
    for (const line of await log.locator("[data-line]").evaluateAll((rows) => rows.map((r) => r.getAttribute("data-line")))) {
      seen.add(Number(line));
    }
    still = seen.size === before ? still + 1 : 0;
    await log.evaluate((box) => box.scrollBy(0, box.clientHeight / 2));
    await page.waitForTimeout(60);
  }
  return [...seen].sort((a, b) => a - b);
}
