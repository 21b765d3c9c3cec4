import type { Page } from "@playwright/test";
import { z } from "zod";
import { expect, test } from "./fixtures.ts";
import { Server } from "./server.ts";
import { addEntity, chooseDataset, completed, logIn, logOf, newInvestigation, saved, start, stateOf } from "./wizard.ts";

const columns = z.object({
  columns: z.array(z.looseObject({ source: z.string(), canonical: z.string() })),
  preview: z.array(z.object({ values: z.record(z.string(), z.string().nullable()) })),
});

/** A user of the data set that is there. */
async function someUser(page: Page, server: Server): Promise<string> {
  const sets = await (await page.request.get(`${server.url}/api/v1/datasets`)).json();
  const { id } = z.object({ items: z.array(z.looseObject({ id: z.string(), name: z.string() })) }).parse(sets).items.find((d) => d.name === "Sample shop") ?? { id: "" };
  const read = columns.parse(await (await page.request.get(`${server.url}/api/v1/datasets/${id}/columns`)).json());
  const source = read.columns.find((c) => c.canonical === "user_id")?.source ?? "";
  return read.preview[0]?.values[source] ?? "";
}

/** Coming back: after a minute, after a week, from another browser, and to an earlier state. */
test.beforeAll(({ server }) => server.addSample());

test("checkpoints: made, compared, gone back to and come back from; the trail tells it all", async ({ page, server, browser }) => {
  await logIn(page, server);
  const id = await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("First idea");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, "u_000001");
  await saved(page);
  await page.getByRole("button", { name: "Steps visited" }).click();
  await page.getByRole("menuitem", { name: "Checkpoints and trail" }).click();
  await page.getByRole("textbox", { name: "Label", exact: true }).fill("before the second idea");
  await page.getByRole("button", { name: "Make a checkpoint" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "before the second idea" })).toContainText("You · version");

  await page.getByRole("link", { name: /Settings$/ }).click();
  await page.getByLabel(/^Name/).fill("Second idea");
  await addEntity(page, "203.0.113.9");
  await page.getByText("AND: one of every type").click();
  await saved(page);
  await page.goto(`/investigations/${id}/trail`);
  await page.getByLabel("From").first().click();
  await page.getByRole("option", { name: /before the second idea/ }).click();
  const compare = page.getByRole("region", { name: "Compare" });
  await expect(compare).toContainText("3 differences");
  await expect(compare).toContainText(/First idea.*→.*Second idea/);
  await expect(compare).toContainText(/203\.0\.113\.9/);

  await page.getByRole("button", { name: "Go back to this" }).last().click();
  const ask = page.getByRole("dialog", { name: /Go back to/ });
  await expect(ask).toContainText(/Second idea.*→.*First idea/);
  await ask.getByRole("button", { name: "Go back", exact: true }).click();
  await expect(page.getByRole("heading", { name: "First idea" })).toBeVisible();
  expect(await stateOf(page, server, id)).toMatchObject({ name: "First idea", settings: { correlation_mode: "OR" } });
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("heading", { name: "Second idea" })).toBeVisible();
  expect(await stateOf(page, server, id)).toMatchObject({ name: "Second idea", settings: { correlation_mode: "AND" } });
  const events = await logOf(page, server, id);
  expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.filter((e) => e.type === "checkpoint.restored")).toHaveLength(2);

  const trail = page.getByRole("region", { name: "Trail" });
  await expect(trail).toContainText("went back to a checkpoint");
  await expect(trail).toContainText(/name “First idea” → “Second idea”/);
  await expect(trail).toContainText("127.0.0.1");

  // whoever may audit reads the trail of everything, and the page of the server shows what is proved
  const admin = { name: "root", password: "correct horse battery staple" };
  await server.addUser(admin, "admin");
  const office = await browser.newContext({ baseURL: server.url, locale: "en-GB" });
  const desk = await office.newPage();
  await desk.goto("/admin");
  await desk.getByLabel("User name").fill(admin.name);
  await desk.locator('input[name="password"]').fill(admin.password);
  await desk.getByRole("button", { name: "Log in" }).click();
  await expect(desk.getByText("Every change is committed to the database")).toBeVisible();
  await desk.getByRole("button", { name: "Back up now" }).click();
  await expect(desk.getByText("restored into a temporary file and checked whole")).toBeVisible();
  await desk.getByRole("link", { name: "Read the trail" }).click();
  await desk.getByLabel("What was done, such as login").fill("login");
  await expect(desk.getByText("logged in").first()).toBeVisible();
  await office.close();

  // who may only read finds nothing to write with, and writes nothing by looking
  const auditor = { name: "aud", password: "correct horse battery staple" };
  await server.addUser(auditor, "auditor");
  const before = (await stateOf(page, server, id)).version;
  const reading = await browser.newContext({ baseURL: server.url, locale: "en-GB" });
  const reader = await reading.newPage();
  await reader.goto(`/investigations/${id}/settings`);
  await reader.getByLabel("User name").fill(auditor.name);
  await reader.locator('input[name="password"]').fill(auditor.password);
  await reader.getByRole("button", { name: "Log in" }).click();
  await expect(reader.getByText("only its owner changes it")).toBeVisible();
  await expect(reader.getByLabel("Entity 1: Value")).toBeDisabled();
  await reader.goto(`/investigations/${id}/trail`);
  await expect(reader.getByText("went back to a checkpoint").first()).toBeVisible();
  await expect(reader.getByRole("button", { name: "Go back to this" })).toHaveCount(0);
  expect((await stateOf(page, server, id)).version).toBe(before);
  await reading.close();
});

test("back and forward through the steps; from another browser, what happened since is told", async ({ page, server, browser }) => {
  await logIn(page, server);
  const id = await newInvestigation(page);
  await chooseDataset(page, "Sample shop");
  const user = await someUser(page, server);
  await addEntity(page, user);
  await saved(page);
  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "en-GB" });
  const other = await elsewhere.newPage();
  await logIn(other, server, `/investigations/${id}/settings`);
  await expect(other.getByLabel("Entity 1: Value")).toHaveValue(user);
  await other.goto("/");

  await page.getByLabel(/^Name/).fill("Renamed while away");
  await saved(page);
  await start(page);
  await completed(page);
  await other.goto(`/investigations/${id}`);
  await other.waitForURL(/\/results$/);
  const news = other.getByRole("status").filter({ hasText: "Since you last looked" });
  await expect(news).toContainText("You were on: Settings");
  await expect(news).toContainText("You, elsewhere, changed Name");
  await expect(news).toContainText(/\d+ checks were done/);
  await expect(news).toContainText("The run was completed");
  await news.getByRole("button", { name: "Got it" }).click();
  await other.reload();
  await expect(other.getByRole("heading", { name: "Summary" })).toBeVisible();
  await expect(news).toHaveCount(0);
  await elsewhere.close();

  await page.getByRole("button", { name: "Back to Progress" }).click();
  await page.waitForURL(/\/progress$/);
  await page.getByRole("button", { name: "Back to Settings" }).click();
  await page.waitForURL(/\/settings$/);
  await page.getByRole("button", { name: "Forward to Progress" }).click();
  await page.waitForURL(/\/progress$/);
  await page.goBack();
  await page.waitForURL(/\/settings$/);
});

test("after more than a week it asks: continue, start afresh, or archive", async ({ browser }) => {
  const server = await Server.start();
  const page = await browser.newPage({ baseURL: server.url, locale: "en-GB" });
  await logIn(page, server);
  const id = await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Left for a week");
  await addEntity(page, "u_000001");
  await saved(page);
  const before = await stateOf(page, server, id);
  await page.goto("about:blank");
  await server.restart({ OLORIN_CLOCK_OFFSET_SECONDS: String(8 * 24 * 3600) });

  await logIn(page, server, `/investigations/${id}`);
  const ask = page.getByRole("dialog", { name: "This has not been touched for a while" });
  await ask.getByRole("button", { name: "Continue where it was left" }).click();
  await expect(page.getByLabel("Entity 1: Value")).toHaveValue("u_000001");
  expect((await stateOf(page, server, id)).version).toBe(before.version);

  await page.reload();
  await expect(ask.getByRole("button", { name: "Continue where it was left" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.locator("#content"), "the keyboard goes on at the page").toBeFocused();

  await page.reload();
  await ask.getByRole("button", { name: "Start afresh" }).click();
  await page.waitForURL((url) => /\/settings$/.test(url.pathname) && !url.pathname.includes(id));
  await page.goto(`/investigations/${id}`);
  await ask.getByRole("button", { name: "Archive it" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  expect(await stateOf(page, server, id)).toMatchObject({ archived_at: expect.any(String) });
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(async () => (await stateOf(page, server, id)).archived_at).toBeNull();
  await page.context().close();
  await server.stop();
});
