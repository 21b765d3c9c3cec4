import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { z } from "zod";
import { test } from "./fixtures.ts";
import { addEntity, chooseDataset, completed, logIn, newInvestigation, saved, start } from "./wizard.ts";

/**
 * Takes the pictures of docs/screens from the running program: npm run screens. Each screen in light at 1440×900; with "all" also in
 * dark, and at 1024×768 and 390×844. The users are ones that docs/sample-data.md names.
 */
const folder = resolve(import.meta.dirname, "../docs/screens");
const victim = "u_892677";

test.use({ sample: 100_000 });

const sizes = { "": [1440, 900], "-tablet": [1024, 768], "-phone": [390, 844] } as const;

/** Takes one picture, or all of a screen. */
async function shoot(page: Page, name: string, all = false): Promise<void> {
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

test("screens", async ({ browser, server }) => {
  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) if (old.endsWith(".png")) await rm(join(folder, old));
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce" });
  const page = await context.newPage();
  const post = async (path: string, data: unknown): Promise<unknown> => (await page.request.post(`${server.url}/api/v1${path}`, { data })).json();

  await page.goto("/login");
  await page.getByLabel("User name").waitFor();
  await shoot(page, "login");
  await logIn(page, server);
  await shoot(page, "nothing-yet");

  // some that are over, so that the list looks like one
  const sets = z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(await (await page.request.get(`${server.url}/api/v1/datasets`)).json());
  const dataset = sets.items[0]?.id;
  const made = z.looseObject({ investigation_id: z.string() });
  const others = {
    "Seller who pays out": "u_371620",
    "Cards tried in one visit": "u_655659",
    "Many accounts, one device": "u_780220",
    "Fast traveller": "u_734735",
    "Customer behind a VPN": "u_266147",
  };
  for (const [i, [name, value]] of Object.entries(others).entries()) {
    const { investigation_id: id } = made.parse(await post("/investigations", { name, settings: { dataset, entities: [{ type: "user_id", value }] } }));
    if (i < 3) await post(`/wizard/${id}/start`, {});
  }

  await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Takeover of a good customer");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, victim);
  await saved(page);
  await shoot(page, "settings", true);
  const settings = page.url();
  await start(page);
  await page.getByText(/^[1-9]\d of \d+ checks done/).waitFor();
  await shoot(page, "progress");
  await completed(page);
  await shoot(page, "results", true);
  await page.goto(settings.replace("/settings", "/progress"));
  await page.getByRole("log").waitFor();
  await shoot(page, "progress-over", true);
  await page.goto(settings.replace("/settings", "/trail"));
  await page.getByRole("heading", { name: "Checkpoints" }).waitFor();
  await shoot(page, "trail", true);

  await page.goto("/");
  await page.getByRole("row", { name: /Takeover/ }).waitFor();
  await shoot(page, "investigations", true);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search and go to" }).fill("card");
  await page.getByRole("option", { name: "Cards tried in one visit" }).waitFor();
  await shoot(page, "palette");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Preferences" }).click();
  await page.getByText("Density").waitFor();
  await shoot(page, "preferences");
  await page.goto("/templates");
  await page.getByRole("link", { name: "Account takeover" }).waitFor();
  await shoot(page, "templates", true);
  await page.getByRole("link", { name: "Account takeover" }).click();
  await page.getByRole("button", { name: "Try it on them" }).click();
  await page.getByText(/^On \d of \d/).waitFor({ timeout: 120_000 });
  await shoot(page, "template", true);
  await page.goto("/datasets");
  await page.getByRole("link", { name: /Sample shop/ }).first().waitFor();
  await shoot(page, "data");
  await page.getByRole("link", { name: /Sample shop/ }).first().click();
  await page.getByText("Column of the file").waitFor();
  await shoot(page, "data-set");
  await page.goto("/nowhere");
  await page.getByText("There is nothing here").waitFor();
  await shoot(page, "not-found");

  const admin = { name: "admin", password: "yet another battery staple horse" };
  await server.addUser(admin, "admin");
  await context.clearCookies();
  await logIn(page, server, "/admin", admin);
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText("Backed up, and the restore was rehearsed").waitFor();
  await shoot(page, "server");
  await page.goto("/audit");
  await page.getByRole("main").getByRole("listitem").first().waitFor();
  await shoot(page, "audit");
});
