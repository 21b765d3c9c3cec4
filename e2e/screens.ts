import { mkdir, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { z } from "zod";
import { Holder, patientServer } from "./outside.ts";
import { type Login, Server } from "./server.ts";
import { chooseDataset, completed, logIn, newInvestigation, saved } from "./wizard.ts";

/**
 * Takes the pictures of docs/screens from the running program: npm run screens. Each screen in light at 1440×900; with "all" also in
 * dark, and at 1024×768 and 390×844. The users are ones that docs/sample-data.md names. To look at more than is kept: SCREENS names
 * another folder, and SCREENS_ALL takes each screen in every size and theme.
 */
const folder = resolve(import.meta.dirname, process.env.SCREENS ?? "../docs/screens");
const everywhere = process.env.SCREENS_ALL !== undefined;
const victim = "u_892677";

const sizes = { "": [1440, 900], "-tablet": [1024, 768], "-phone": [390, 844] } as const;

/** Takes one picture, or all of a screen. */
async function shoot(page: Page, name: string, all = everywhere): Promise<void> {
  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"] as const) {
      if (!all && (size !== "" || colorScheme === "dark")) continue;
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(folder, `${name}${size}${colorScheme === "dark" ? "-dark" : ""}.png`) });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

const made = z.looseObject({ investigation_id: z.string() });

/** A browser of somebody, with calls to the server in their name. */
class Desk {
  private constructor(
    readonly page: Page,
    private readonly server: Server,
  ) {}

  static async open(browser: Browser, server: Server): Promise<Desk> {
    const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
    return new Desk(await context.newPage(), server);
  }

  async call(method: "GET" | "POST" | "PUT", path: string, data?: unknown): Promise<unknown> {
    const answer = await this.page.request.fetch(`${this.server.url}/api/v1${path}`, { method, data });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return answer.json();
  }

  async dataset(): Promise<string> {
    const sets = z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(await this.call("GET", "/datasets"));
    return sets.items[0]?.id ?? "";
  }

  /** An investigation of a user; one that is begun is waited for until it is as wanted. */
  async investigate(name: string, value: string, settings: object = {}, until?: string): Promise<string> {
    const body = { name, settings: { dataset: await this.dataset(), entities: [{ type: "user_id", value }], ...settings } };
    const { investigation_id: id } = made.parse(await this.call("POST", "/investigations", body));
    if (until !== undefined) {
      await this.call("POST", `/wizard/${id}/start`, {});
      await this.reaches(id, until);
    }
    return id;
  }

  async reaches(id: string, status: string): Promise<void> {
    await expect.poll(async () => z.looseObject({ status: z.string() }).parse(await this.call("GET", `/wizard/${id}/state`)).status, { timeout: 60_000 }).toBe(status);
  }
}

let server: Server;
let holder: Holder;
test.beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  server = await Server.start({ env: patientServer });
  await server.addSample(100_000);
  holder = await Holder.register(server, "sanctions", 6);
});
test.afterAll(() => server.stop());
test.describe.configure({ timeout: 400_000 });


test("login, an empty desk, settings", async ({ browser }) => {
  const { page } = await Desk.open(browser, server);
  await page.goto("/login");
  await page.getByLabel("User name").waitFor();
  await shoot(page, "login");
  await logIn(page, server);
  await page.getByText("No investigations yet").waitFor();
  await shoot(page, "nothing-yet");

  await newInvestigation(page);
  await page.getByRole("button", { name: "Start investigation" }).click();
  await page.getByRole("alert").waitFor();
  await shoot(page, "settings-problems");
  await page.getByLabel(/^Name/).fill("Cards tried from one address");
  await chooseDataset(page, "Sample shop");
  await page.getByLabel("Add entities").evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, "u_892677\nu_655659\nu_892677\nana.example@mail.test\n203.0.113.9\n+49 30 1234567\n198.51.100.300\n434505******9116\nm_17\ndev_4711\nu_1\nu_2\nu_3");
  await page.getByLabel("Entity 1: Label").fill("the customer who called");
  await page.getByText("rows in scope").waitFor();
  await saved(page);
  await shoot(page, "settings", true);
  await page.getByText("Custom", { exact: true }).click();
  await page.locator('#field-settings-time_range-start').click();
  await page.getByRole("button", { name: /^\d+ \w+ \d{4}$/ }).first().waitFor();
  await shoot(page, "settings-calendar");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Behaviour/ }).first().click();
  await page.getByRole("button", { name: /^\d parameters?/ }).first().click();
  await page.getByRole("group", { name: /^Parameters/ }).scrollIntoViewIfNeeded();
  await shoot(page, "settings-checks");
  await page.getByText("AND: one of every type").scrollIntoViewIfNeeded();
  await shoot(page, "settings-modes");
});

test("two at once", async ({ browser }) => {
  const desk = await Desk.open(browser, server);
  const { page } = desk;
  await logIn(page, server);
  const id = await desk.investigate("Takeover of a good customer", victim);
  await desk.call("PUT", `/wizard/${id}/sharing`, { shared: true });
  const lead: Login = { name: "maria", password: "yet another battery staple horse" };
  await server.addUser(lead, "lead");
  const other = await Desk.open(browser, server);
  await logIn(other.page, server, `/investigations/${id}/settings`, lead);
  await page.goto(`/investigations/${id}/settings`);
  await page.getByRole("list", { name: "Also here" }).getByText(/maria/).first().waitFor();
  await shoot(page, "presence");
  await page.context().setOffline(true);
  await page.getByLabel(/^Name/).fill("Takeover, as told here");
  await page.getByLabel("Risk threshold, 0 to 100").fill("75");
  await desk.call("PUT", `/wizard/${id}/state`, { name: "Takeover, as told there" });
  await page.getByText(/^Not saved/).waitFor();
  await shoot(page, "settings-offline");
  await page.context().setOffline(false);
  await page.getByRole("dialog", { name: "The same things were changed twice" }).waitFor();
  await shoot(page, "conflict");
});

test("progress", async ({ browser }) => {
  const desk = await Desk.open(browser, server);
  const { page } = desk;
  await logIn(page, server);
  const { agents } = z.object({ agents: z.array(z.looseObject({ agent: z.string(), tools: z.array(z.object({ tool: z.string() })), external: z.boolean().optional() })) }).parse(await desk.call("GET", "/agents"));
  const inside = agents.filter((a) => !a.external).flatMap(({ agent, tools }) => tools.map(({ tool }) => ({ agent, tool, enabled: true })));
  const held = { tool_matrix: [...inside, ...holder.checks] };
  const id = await desk.investigate("Takeover of a good customer", victim, held, "running");
  await holder.pass(2);
  const lease = await holder.take();
  await page.goto(`/investigations/${id}/progress`);
  await expect.poll(() => page.getByText(/of \d+ checks done/).innerText(), { timeout: 60_000 }).toMatch(new RegExp(`^${inside.length + 2} of`));
  await shoot(page, "progress", true);
  await page.context().setOffline(true);
  await page.getByText(/Offline|Connection lost|Reconnecting/).first().waitFor();
  await shoot(page, "progress-offline");
  await page.context().setOffline(false);
  await desk.call("POST", `/wizard/${id}/pause`, {});
  await page.getByText("The run is paused").waitFor();
  await shoot(page, "progress-paused");
  await desk.call("POST", `/wizard/${id}/resume`, {});
  await holder.report(lease, { outcome: "failed", reason: "the list of the sanctions office does not answer (HTTP 503)" });
  await holder.pass(holder.checks.length - 3);
  await completed(page);
  await shoot(page, "results", true);
  await page.goto(`/investigations/${id}/progress`);
  await page.getByRole("log").waitFor();
  await shoot(page, "progress-over", true);
  await page.goto(`/investigations/${id}/settings`);
  await page.getByLabel(/^Name/).waitFor();
  await shoot(page, "settings-frozen");
  const narrow = await desk.investigate("Takeover, by place alone", victim, { tool_matrix: inside.map((one) => ({ ...one, enabled: one.agent === "location" })), time_range: { preset: "last_90d" }, risk_threshold: 80 }, "completed");
  await page.goto(`/investigations/${id}/compare/${narrow}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(page, "comparison", true);
  await page.goto(`/investigations/${id}/trail`);
  await page.getByRole("heading", { name: "Checkpoints" }).waitFor();
  await shoot(page, "trail", true);

  const home = join(server.dir, "data", "datasets");
  await rename(home, `${home}.away`);
  const failed = await desk.investigate("Seller whose file is gone", "u_371620", {}, "error");
  await rename(`${home}.away`, home);
  await page.goto(`/investigations/${failed}/progress`);
  await page.getByText("The run stopped before it was complete").waitFor();
  await shoot(page, "progress-error");
});

test("the list, the palette, notifications", async ({ browser }) => {
  const desk = await Desk.open(browser, server);
  const { page } = desk;
  await logIn(page, server);
  await desk.investigate("Seller who pays out", "u_371620", {}, "completed");
  await desk.investigate("Cards tried in one visit", "u_655659", {}, "completed");
  await desk.investigate("Many accounts, one device", "u_780220", {}, "completed");
  await desk.investigate("Fast traveller", "u_734735");
  const standing = await desk.investigate("Customer behind a VPN", "u_266147", { tool_matrix: holder.checks }, "running");
  const lease = await holder.take();
  const paused = await desk.investigate("Account of a student", "u_266147", { tool_matrix: holder.checks }, "running");
  await desk.call("POST", `/wizard/${paused}/pause`, {});
  const stopped = await desk.investigate("Opened by mistake", "u_266147", { tool_matrix: holder.checks }, "running");
  await desk.call("POST", `/wizard/${stopped}/cancel`, {});
  const away = await desk.investigate("Closed last month", "u_266147", {}, "completed");
  await desk.call("POST", `/wizard/history/${away}/archive`, {});
  await page.goto("/");
  await page.getByRole("row", { name: /Customer behind a VPN/ }).waitFor();
  await shoot(page, "investigations", true);
  await page.getByRole("search").getByRole("button", { name: "Status" }).click();
  await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
  await shoot(page, "investigations-filter");
  await page.keyboard.press("Escape");
  await page.getByRole("search").getByRole("button", { name: "Changed" }).click();
  await page.getByRole("dialog").getByLabel("Last day").waitFor();
  await shoot(page, "investigations-days");
  await page.keyboard.press("Escape");
  await page.goto("/?status=completed&risk_level=high,critical&sort=-risk_score");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByLabel("Save what is shown now").fill("To be looked at first");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("link", { name: "To be looked at first" }).waitFor();
  await shoot(page, "investigations-views");
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await shoot(page, "investigations-chosen");
  await page.goto("/?archived=true");
  await page.getByRole("row", { name: /Closed last month/ }).waitFor();
  await shoot(page, "archive");
  await page.goto("/?q=nothing+of+that+kind");
  await page.getByText("Nothing fits these filters").waitFor();
  await shoot(page, "nothing-fits");
  await page.goto("/");
  await page.getByRole("row", { name: /Customer behind a VPN/ }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search and go to" }).fill("card");
  await page.getByRole("option", { name: "Cards tried in one visit" }).waitFor();
  await shoot(page, "palette");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Actions for Fast traveller" }).click();
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await page.getByText("“Fast traveller” was archived.").first().waitFor();
  await shoot(page, "toast");
  await page.getByRole("button", { name: "Undo" }).first().click();
  await page.getByRole("button", { name: /^Notifications/ }).click();
  await page.getByRole("dialog").waitFor();
  await shoot(page, "notifications");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Preferences" }).click();
  await page.getByText("Density").waitFor();
  await shoot(page, "preferences");
  await page.keyboard.press("Escape");
  await page.goto(`/investigations/${standing}/progress`);
  await page.getByRole("button", { name: /^Live|^Up to date/ }).first().click();
  await page.getByRole("button", { name: "Download trace" }).waitFor();
  await shoot(page, "connection");
  await holder.report(lease);
});

test("templates", async ({ browser }) => {
  const desk = await Desk.open(browser, server);
  const { page } = desk;
  await logIn(page, server);
  await desk.investigate("Looked into before", victim, {}, "completed");
  const id = await desk.investigate("Pattern", victim, { risk_threshold: 71, correlation_mode: "AND", time_range: { preset: "last_30d" } });
  await page.goto(`/templates/new?from=${id}`);
  await page.getByRole("textbox", { name: "Name" }).fill("Stolen cards");
  await page.getByRole("textbox", { name: "What it is for" }).fill("Cards that were stolen and are tried in small amounts");
  await page.getByRole("combobox", { name: "Tags" }).fill("cards");
  await page.keyboard.press("Enter");
  await page.getByLabel("The user to investigate", { exact: true }).check();
  await shoot(page, "template-new");
  await page.getByRole("button", { name: "Save the template" }).click();
  await page.getByRole("heading", { name: "Stolen cards" }).waitFor();
  const mine = new URL(page.url()).pathname;
  await page.goto(`/templates/new?from=${id}`);
  await page.getByRole("textbox", { name: "Name" }).fill("Stolen cards");
  await page.getByRole("button", { name: "Save the template" }).click();
  await page.getByText("You have a template of this name").waitFor();
  await shoot(page, "template-conflict");
  await page.goto(`${mine}/edit`);
  await page.getByRole("textbox", { name: "What it is for" }).fill("Cards that were stolen");
  await page.getByRole("button", { name: "Save the template" }).click();
  await page.getByRole("region", { name: "Versions" }).scrollIntoViewIfNeeded();
  await shoot(page, "template-versions");
  await page.goto("/templates");
  await page.getByRole("link", { name: "Account takeover" }).waitFor();
  await shoot(page, "templates", true);
  await page.getByRole("link", { name: "Account takeover" }).click();
  await page.getByRole("button", { name: "Try it on them" }).click();
  await page.getByText(/^On \d of \d/).waitFor({ timeout: 120_000 });
  await shoot(page, "template", true);
  await page.getByRole("link", { name: "Templates" }).first().click();
  await page.getByRole("button", { name: "Templates: Stolen cards" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByText("“Stolen cards” was deleted").first().waitFor();
  await page.goto("/templates?deleted=true");
  await page.getByRole("button", { name: "Bring back" }).waitFor();
  await shoot(page, "templates-deleted");
  await page.getByRole("button", { name: "Bring back" }).click();
  await page.getByText("No template was deleted").waitFor();
  const into = await desk.investigate("Customer who called", "u_655659");
  await page.goto(`/templates?for=${into}`);
  await page.getByRole("link", { name: "Stolen cards" }).waitFor();
  await shoot(page, "templates-load");
  await page.getByRole("link", { name: "Stolen cards" }).click();
  await page.getByText("What would change").waitFor();
  await shoot(page, "template-load");
});

test("data, lists, what is not there", async ({ browser }) => {
  const { page } = await Desk.open(browser, server);
  await logIn(page, server);
  await page.goto("/datasets");
  await page.getByRole("link", { name: /Sample shop/ }).first().waitFor();
  await shoot(page, "data");
  await page.locator('input[type="file"]').setInputFiles({ name: "broken.csv", mimeType: "text/csv", buffer: Buffer.from("user_id,amount,timestamp\nu1,5,2026-01-01T00:00:00Z\nu2,6\nu3,x,2026-01-01T00:00:00Z\n") });
  await page.getByRole("alert").filter({ hasText: "broken.csv" }).waitFor();
  await shoot(page, "data-refused");
  await page.getByRole("link", { name: /Sample shop/ }).first().click();
  await page.getByText("Column of the file").waitFor();
  await shoot(page, "data-set");
  const sample = page.url();
  const people = Array.from({ length: 300 }, (_, i) => `u_${String(100_000 + i * 317)},shop${i % 7}.example`);
  await page.request.post("/api/v1/datasets", { multipart: { file: { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(`user_id,domain\nu_892677,shop.example\n${people.join("\n")}\n`) } } });
  await page.goto(sample);
  await page.getByRole("button", { name: "Join a file" }).click();
  await page.getByRole("dialog").getByLabel("File to join").click();
  await page.getByRole("option", { name: /^people/ }).click();
  await page.getByRole("dialog").getByText(/of the events meet a row/).waitFor();
  await shoot(page, "data-join");
  await page.goto("/lists");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(page, "lists");
  await page.goto("/calibration");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(page, "calibration");
  await page.goto("/nowhere");
  await page.getByText("There is nothing here").waitFor();
  await shoot(page, "not-found");
});

test("for admins", async ({ browser }) => {
  const { page } = await Desk.open(browser, server);
  const admin: Login = { name: "admin", password: "yet another battery staple horse" };
  await server.addUser(admin, "admin");
  await logIn(page, server, "/admin", admin);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText("Backed up, and the restore was rehearsed").waitFor();
  await shoot(page, "server");
  await page.goto("/audit");
  await page.getByRole("main").getByRole("listitem").first().waitFor();
  await shoot(page, "audit");
});
