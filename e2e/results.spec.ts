import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { z } from "zod";
import { expect, test } from "./fixtures.ts";
import { logIn } from "./wizard.ts";

const found = z.looseObject({
  status: z.string(),
  results: z.nullable(
    z.looseObject({
      findings: z.array(
        z.looseObject({ id: z.string(), evidence: z.array(z.unknown()), evidence_rows: z.array(z.number()) }),
      ),
      graph: z.looseObject({ edges: z.array(z.looseObject({ source: z.string(), target: z.string(), rows: z.array(z.number()) })) }),
    }),
  ),
});

const user = "u_892677"; // docs/sample-data.md
const device = "d_3285abf374c8";

/** Runs an investigation by the API, with the session of the page. */
async function investigate(page: Page, name: string, entities: { type: string; value: string }[], threshold = 60) {
  const send = async (method: "get" | "post", path: string, data?: unknown) => {
    const answer = await page.request[method](`/api/v1${path}`, data === undefined ? {} : { data });
    expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true);
    return answer.json();
  };
  const { items } = z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(await send("get", "/datasets"));
  const settings = { dataset: items[0]?.id, entities, risk_threshold: threshold };
  const { investigation_id: id } = z
    .looseObject({ investigation_id: z.string() })
    .parse(await send("post", "/investigations", { name, settings }));
  await send("post", `/wizard/${id}/start`, {});
  const state = async () => found.parse(await send("get", `/wizard/${id}/state`));
  await expect.poll(async () => (await state()).status, { timeout: 240_000 }).toBe("completed");
  const { results } = await state();
  if (!results) throw new Error("the run has no results");
  return { id, findings: results.findings, edges: results.graph.edges };
}

test.use({ sample: 100_000 });

let first: Awaited<ReturnType<typeof investigate>>;
let second: Awaited<ReturnType<typeof investigate>>;

test.beforeAll(async ({ browser, server }) => {
  await writeFile(join(server.dir, "bad.txt"), `${user},chargebacks in spring\n`);
  await server.run(["list", "import", "--name", "Chargebacks", "--kind", "bad", "--type", "user_id", "--source", "Risk desk", "--date", "2026-01-31", "bad.txt"]);
  const page = await browser.newPage({ baseURL: server.url });
  await logIn(page, server);
  first = await investigate(page, "The customer", [{ type: "user_id", value: user }]);
  second = await investigate(page, "Customer and device", [
    { type: "user_id", value: user },
    { type: "device_id", value: device },
  ], 50);
  await page.close();
});

test("evidence is paged down to the last row, and its query can be read", async ({ page, server }) => {
  const finding = [...first.findings].sort((a, b) => b.evidence_rows.length - a.evidence_rows.length)[0];
  if (!finding || finding.evidence_rows.length <= finding.evidence.length) throw new Error("no finding has more rows than are shown");
  await logIn(page, server);
  await page.goto(`/investigations/${first.id}/results?finding=${finding.id}`);
  const card = page.locator(`#finding-${finding.id}`);
  const seen = new Set<string>();
  for (;;) {
    const rows = card.getByRole("region", { name: "Rows that show it" }).getByRole("rowheader");
    await expect(rows.first()).toBeVisible();
    for (const text of await rows.allTextContents()) seen.add(text.replace(/\D/g, ""));
    const next = card.getByRole("button", { name: "Next" });
    if (await next.isDisabled()) break;
    const before = await rows.first().textContent();
    await next.click();
    await expect(rows.first()).not.toHaveText(before ?? "");
  }
  expect([...seen].map(Number).sort((a, b) => a - b)).toEqual([...finding.evidence_rows].sort((a, b) => a - b));
  await card.getByText("How it was found").click();
  await expect(card.getByText(/SELECT/)).toBeVisible();
  const file = page.waitForEvent("download");
  await card.getByRole("link", { name: "Rows as CSV" }).click();
  expect((await file).suggestedFilename()).toMatch(/^evidence-.*\.csv$/);
});

test("a link is explained by its rows, and a way between two entities is found by keyboard", async ({ page, server }) => {
  await logIn(page, server);
  await page.goto(`/investigations/${second.id}/results`);
  const links = page.getByRole("region", { name: "Links" });
  await links.scrollIntoViewIfNeeded();
  await links.getByLabel("Path from").fill(user);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await links.getByLabel("to", { exact: true }).fill(device);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(links.getByText(/^(One step|\d+ steps):/)).toBeVisible();
  await links.getByRole("button", { name: /explain the link/ }).first().press("Enter");
  await expect(links.getByText(/are linked because/)).toBeVisible();
  await expect(links.getByRole("rowheader").first()).toBeVisible();
  expect(new URL(page.url()).searchParams.get("link")).toContain("~");
  await page.reload();
  await expect(links.getByText(/are linked because/)).toBeVisible();
});

test("two runs are compared at an address of their own", async ({ page, server }) => {
  await logIn(page, server);
  await page.goto(`/investigations/${second.id}/results`);
  await expect(page.getByRole("region", { name: "Overall risk" }).getByText(/^Scored as (user|device) .* of 2 entities/)).toBeVisible();
  await expect(page.getByRole("row", { name: /^Score by itself( \d+(\.\d)? (Low|Medium|High|Critical)){2}$/ })).toBeVisible();
  await page.getByRole("button", { name: "Compare" }).first().click();
  await page.getByRole("link", { name: /The customer/ }).click();
  await expect(page).toHaveURL(new RegExp(`/investigations/${first.id}/compare/${second.id}$`));
  await expect(page.getByText("Both looked at the same file, byte for byte.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^Risk threshold 60 50$/ })).toBeVisible();
  const counts = page.getByText(/\d+ added, \d+ gone, \d+ changed, \d+ the same/);
  const [added, gone] = (await counts.innerText()).match(/\d+/g) ?? [];
  await page.getByRole("link", { name: "Swap the two" }).click();
  await expect(page).toHaveURL(new RegExp(`/investigations/${second.id}/compare/${first.id}$`));
  await expect(counts).toHaveText(new RegExp(`^${gone} added, ${added} gone`));
});

test("a list that decides is told with its source and age, beside what the score hangs on", async ({ page, server }) => {
  await logIn(page, server);
  await page.goto(`/investigations/${first.id}/results`);
  const head = page.getByRole("region", { name: "Overall risk" });
  await expect(head.getByText("Block", { exact: true })).toBeVisible();
  await expect(head.getByText(/A list decides, whatever the score: user u_892677 is on the list "Chargebacks"/).first()).toBeVisible();
  const lists = page.getByRole("region", { name: "On lists" });
  await expect(lists).toContainText("Risk desk, as of 31 Jan 2026");
  await expect(lists).toContainText("chargebacks in spring");
  await expect(lists).toContainText(/investigated itself · \d+ rows in scope/);
  const hangs = page.getByRole("region", { name: "What the verdict hangs on" });
  await expect(hangs).toContainText(/the score would be \d+(\.\d)?, below your threshold of 60/);
  await hangs.getByRole("link").first().click();
  await expect(page).toHaveURL(/\?finding=/);
});

test("who is asked to review is notified, finds it in a list, and says of a finding what the calibration counts", async ({ page, server, browser }) => {
  const lead = { name: "lea", password: "correct horse battery staple" };
  await server.addUser(lead, "lead");
  await logIn(page, server);
  await page.goto(`/investigations/${first.id}/results`);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByRole("combobox", { name: "Assigned to" }).click();
  await page.getByRole("option", { name: "lea" }).click();
  await expect(page.getByText("Assigned to lea")).toBeVisible();

  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "en-GB" });
  const desk = await elsewhere.newPage();
  await logIn(desk, server, "/", lead);
  const toast = desk.getByRole("alert").filter({ hasText: "asks you to review an investigation" });
  await expect(toast).toBeVisible();
  await toast.getByRole("button").click(); // closed, it is still in the list of notifications
  await desk.getByRole("button", { name: /^Notifications/ }).click();
  await expect(desk.getByRole("dialog", { name: "Notifications" }).getByRole("link", { name: "The customer" })).toBeVisible();
  await desk.keyboard.press("Escape");
  await desk.getByText("Assigned to me", { exact: true }).click();
  await expect(desk).toHaveURL(/whose=assigned/);
  const row = desk.getByRole("row", { name: /The customer/ });
  await expect(row).toContainText("analyst");
  await row.getByRole("link", { name: "The customer" }).click();

  const finding = first.findings[0];
  if (!finding) throw new Error("nothing was found");
  await desk.goto(`/investigations/${first.id}/results?finding=${finding.id}`);
  const card = desk.locator(`#finding-${finding.id}`);
  await card.getByLabel("Reason for the verdict").fill("Called the customer");
  await card.getByRole("button", { name: "Save verdict" }).click();
  await expect(card.getByText("Called the customer")).toBeVisible();
  await desk.getByRole("link", { name: "Calibration" }).click();
  await expect(desk.getByRole("region", { name: "Precision of checks" })).toContainText("1 right, 0 wrong");
  await expect(desk.getByText(/too few verdicts for a suggestion: 1 of 20/).first()).toBeVisible();
  await elsewhere.close();
});
