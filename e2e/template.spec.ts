import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { z } from "zod";
import { expect, test } from "./fixtures.ts";
import type { Server } from "./server.ts";
import { addEntity, chooseDataset, completed, idOf, logIn, newInvestigation, saved, start, stateOf, victim } from "./wizard.ts";

test.use({ sample: 2_001 }); // a server of its own: it counts templates and finished investigations
test.use({ actionTimeout: 30_000, navigationTimeout: 60_000 });
test.describe.configure({ timeout: 300_000 });

const list = (page: Page) => page.getByRole("table");
const row = (page: Page, name: string) => list(page).getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });

async function act(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole("button", { name: `Templates: ${name}` }).click();
  await page.getByRole("menuitem", { name: what }).click();
}

/** Makes a template by the API, where the test is not about the making. */
async function make(page: Page, server: Server, name: string): Promise<string> {
  const answer = await page.request.post(`${server.url}/api/v1/wizard/templates`, {
    data: { name, settings: { entities: [{ type: "user_id", value: "u_000001" }], risk_threshold: 55 } },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return z.object({ template_id: z.string() }).loose().parse(await answer.json()).template_id;
}

test("settings are kept as a template, and another investigation is loaded from it", async ({ page, server }) => {
  await logIn(page, server);
  await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Pattern");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, "u_000001");
  await page.getByText("Last 30 days").click();
  await page.getByText("AND: one of every type").click();
  await page.getByText("One after another").click();
  await page.getByLabel("Risk threshold, 0 to 100").fill("71");
  await page.getByRole("button", { name: /^Payment/ }).click();
  await page.getByRole("checkbox", { name: "Round amounts", exact: true }).click();
  await page.getByRole("button", { name: "2 parameters: Many refunds" }).click();
  await page.getByLabel("Fewest refunds").fill("9");
  await page.keyboard.press("Tab");
  await saved(page);
  const pattern = (await stateOf(page, server, idOf(page))).settings;

  await page.getByRole("button", { name: "Save as template" }).click();
  await expect(page.getByRole("heading", { name: "Save as a template" })).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("Stolen cards");
  await page.getByRole("textbox", { name: "What it is for" }).fill("Cards that were stolen");
  await page.getByRole("combobox", { name: "Tags" }).fill("cards");
  await page.keyboard.press("Enter");
  await page.getByLabel("The user to investigate", { exact: true }).check();
  await page.getByRole("button", { name: "Save the template" }).click();
  await expect(page.getByRole("heading", { name: "Stolen cards" })).toBeVisible();

  // every field of it is in the list; it is found by word and by tag
  await page.getByRole("link", { name: "Templates" }).first().click();
  await expect(row(page, "Stolen cards")).toContainText("Cards that were stolen");
  const today = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "Europe/Vienna" }).format(new Date());
  await expect(row(page, "Stolen cards")).toContainText(new RegExp(`cards.*1.*0.*${today}.*You`, "s"));
  await expect(row(page, "Account takeover")).toContainText("Built in");
  await page.getByRole("searchbox", { name: "Search templates" }).fill("were stolen");
  await expect(list(page).getByRole("row")).toHaveCount(2);
  await expect(page).toHaveURL(/q=were/);

  // loading shows what changes, asks for what is asked for, and fills every setting
  await newInvestigation(page);
  await expect(page.getByLabel(/^Data set/).first()).toHaveValue("Sample shop"); // there is no other
  await page.getByRole("button", { name: "Load a template" }).click();
  await page.getByRole("link", { name: "Stolen cards" }).click();
  await expect(page.getByRole("button", { name: "Load these settings" })).toBeDisabled();
  await page.getByLabel(/The user to investigate/).fill(`u_000002", "type": "email`);
  await expect(page.getByRole("row", { name: /^Risk threshold 60 71/ })).toBeVisible();
  await page.getByRole("button", { name: "Load these settings" }).click();
  await page.waitForURL(/\/settings$/);
  await expect(page.getByLabel(/^Entity 1: Value/)).toHaveValue(`u_000002", "type": "email`);
  const id = idOf(page);
  const loaded = (await stateOf(page, server, id)).settings;
  const entity = { type: "user_id", value: `u_000002", "type": "email`, primary: true, weight: 1 };
  expect(loaded).toEqual({ ...(pattern as object), entities: [expect.objectContaining({ type: entity.type, value: entity.value })] });

  // what stood there can be had back, and the template again
  const text = page.getByLabel("Risk threshold, 0 to 100");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(text).toHaveValue("60");
  await expect(page.getByLabel(/^Entity 1: Value/)).toHaveCount(0);
  await page.goBack();
  await page.getByLabel(/The user to investigate/).fill("u_000002");
  await page.getByRole("button", { name: "Load these settings" }).click();
  await expect(text).toHaveValue("71");

  // the uses are counted; a value that cannot be is told at its field
  await page.goto("/templates?q=stolen");
  await expect(row(page, "Stolen cards")).toContainText(new RegExp(`cards.*1.*2.*${today}.*You`, "s"));
  await page.goto("/templates/builtin-email-domain");
  await page.getByRole("combobox", { name: /data set/i }).click();
  await page.getByRole("option", { name: /Sample shop/ }).click();
  await page.getByRole("textbox", { name: /e-mail/i }).fill("not-an-email");
  await page.getByRole("button", { name: "Make a draft with it" }).click();
  await expect(page.getByText("is not an e-mail address")).toBeVisible();
  await expect(page.getByRole("textbox", { name: /e-mail/i })).toHaveAttribute("aria-invalid", "true");
  await page.goto(`/investigations/${id}/settings`);
  await expect(page.getByLabel(/^Name/)).toBeVisible();

  // a taken name is told, with a free one, or replaces the old one
  for (const [choice, name] of [
    ["Call it “stolen CARDS (2)”", "stolen CARDS (2)"],
    ["Replace the old one", "stolen CARDS"],
  ] as const) {
    await page.getByRole("button", { name: "Save as template" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("stolen CARDS");
    await page.getByRole("button", { name: "Save the template" }).click();
    await page.getByRole("button", { name: choice }).click();
    await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
    await page.goBack();
  }
  await page.goto("/templates?mine=true&sort=-updated_at");
  await expect(list(page).getByRole("link")).toHaveText(["stolen CARDS", "stolen CARDS (2)"]);
  await expect(row(page, "stolen CARDS"), "what was not entered anew").toContainText("Cards that were stolen");

  // deleted, and back
  await act(page, "stolen CARDS (2)", "Delete");
  await expect(row(page, "stolen CARDS (2)")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(row(page, "stolen CARDS (2)")).toBeVisible();
});

test("a template is edited, compared, restored, copied, taken to a file and brought back", async ({ page, server, browser }) => {
  await logIn(page, server);
  const id = await make(page, server, "Mules");
  await page.goto(`/templates/${id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "What it is for" }).fill("Money that only passes through");
  await page.getByLabel("Risk threshold, 0 to 100").fill("72");
  await page.getByLabel("Add entities").fill("ip_address: 203.0.113.9");
  await page.getByLabel("Add entities").press("Enter");
  await page.getByRole("button", { name: "Remove u_000001" }).click();
  await page.getByLabel("The IP address to investigate", { exact: true }).check();
  await expect(page.getByLabel("Entity 1: Value")).toBeDisabled();
  const differs = page.getByRole("region", { name: "What would change" });
  await expect(differs.getByRole("row", { name: "Risk threshold 55 72" })).toBeVisible();
  await expect(differs.getByRole("row", { name: /^Entities User: u_000001.* IP address: asked for at load/ })).toBeVisible();

  // meanwhile a colleague's window, of the same user, saves another version
  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "en-GB" });
  const other = await elsewhere.newPage();
  await logIn(other, server, `/templates/${id}/edit`);
  await other.getByRole("textbox", { name: "Name" }).fill("Money mules");
  await other.getByRole("button", { name: "Save the template" }).click();
  await expect(other.getByRole("heading", { name: "Money mules" })).toBeVisible();
  await elsewhere.close();

  await page.getByRole("button", { name: "Save the template" }).click();
  await expect(page.getByRole("alert")).toContainText("Somebody changed this template meanwhile");
  await expect(page.getByRole("alert").getByRole("row", { name: "Name Money mules Mules" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "What it is for" })).toHaveValue("Money that only passes through");
  await page.getByRole("button", { name: "Save mine as the newest" }).click();
  await expect(page.getByRole("heading", { name: "Mules" })).toBeVisible();

  // its versions tell what changed; an old one is made the newest again
  const versions = page.getByRole("region", { name: "Versions" });
  await expect(versions).toContainText("Version 3");
  await expect(versions.getByRole("listitem")).toHaveText([
    "Name: Money mules → Mules",
    "What it is for: none → Money that only passes through",
    "Ask for these each time: none → The IP address to investigate",
    "Entities: User: u_000001 → IP address: asked for at load (primary)",
    "Risk threshold: 55 → 72",
    "Name: Mules → Money mules",
    "As it was made",
  ]);
  await versions.getByRole("button", { name: "Make this the newest" }).nth(0).click();
  await expect(page.getByRole("heading", { name: "Money mules" })).toBeVisible();
  await expect(versions).toContainText("Version 4");

  await page.getByRole("button", { name: "Duplicate" }).click();
  await expect(page.getByRole("heading", { name: "Copy of Money mules" })).toBeVisible();

  const download = page.waitForEvent("download");
  await act(page, "Copy of Money mules", "Export as a file");
  const path = await (await download).path();
  await act(page, "Copy of Money mules", "Delete");
  await page.waitForURL(/\/templates$/);
  const bring = async (text: string) =>
    page.locator('input[type="file"]').setInputFiles({ name: "t.json", mimeType: "application/json", buffer: Buffer.from(text) });
  const exported = await readFile(path, "utf8");
  await bring(exported.replace('"user_id"', '"dragon"'));
  await expect(page.getByText(/^The file was changed since it was exported.*template\.settings\.entities\.0\.type/)).toBeVisible();
  await bring(exported.replace(/"risk_threshold": \d+/, '"risk_threshold": 140'));
  await page.getByRole("button", { name: "Save the template" }).click();
  await expect(page.getByText("Risk threshold: It is 140; it must be 0 to 100")).toBeVisible();
  await page.getByRole("link", { name: "Templates" }).first().click();
  await bring(exported);
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Copy of Money mules");
  await page.getByRole("radio", { name: "Everybody in the organisation" }).check();
  await page.getByRole("button", { name: "Save the template" }).click();
  await expect(page.getByText(/^Shared by analyst/)).toBeVisible();

  // a colleague may load and copy what is shared, not change it
  const colleague = { name: "colleague", password: "another battery staple horse" };
  await server.addUser(colleague);
  const theirs = await browser.newContext({ baseURL: server.url, locale: "en-GB" });
  const desk = await theirs.newPage();
  await logIn(desk, server, "/templates", colleague);
  await expect(row(desk, "Money mules")).toHaveCount(0);
  await row(desk, "Copy of Money mules").getByRole("link").click();
  await expect(desk.getByRole("button", { name: "Duplicate" })).toBeVisible();
  await expect(desk.getByRole("button", { name: "Edit" })).toHaveCount(0);
  await theirs.close();
});

test("what a template would have found on a finished investigation is computed on its data", async ({ page, server }) => {
  await logIn(page, server);
  await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Looked into before");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, await victim(server, 2_001));
  await saved(page);
  await start(page);
  await completed(page);
  const then = (await stateOf(page, server, idOf(page))).results;

  // with every check of the run, the template comes to what the run came to
  const id = await make(page, server, "All of it");
  await page.goto(`/templates/${id}`);
  await page.getByRole("button", { name: "Try it on them" }).click();
  const test = page.getByRole("region", { name: "What it would have found" });
  await expect(test.getByRole("row", { name: /Looked into before/ })).toContainText("The same findings", { timeout: 240_000 });
  await expect(test).toContainText(/On \d of 1 it finds something; on 0 its score is higher/);
  expect(then).not.toBeNull();
});

test("a template too many is told with what to do", async ({ page, server }) => {
  await logIn(page, server);
  const page1 = await page.request.get(`${server.url}/api/v1/wizard/templates?mine=true`);
  const { owned, limit } = z.object({ owned: z.number(), limit: z.number() }).loose().parse(await page1.json());
  for (let i = owned; i < limit; i++) await make(page, server, `Filler ${i}`);
  await page.goto("/templates/builtin-account-takeover");
  await page.getByRole("button", { name: "Duplicate" }).click();
  await expect(page.getByText("You have as many templates as you may keep.")).toBeVisible();
  await page.getByRole("link", { name: "Show mine" }).click();
  await expect(page.getByText(`${limit} of ${limit} templates of your own`)).toBeVisible();
});
