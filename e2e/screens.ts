import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { test } from "./fixtures.ts";
import { addEntity, chooseDataset, completed, logIn, newInvestigation, saved, start } from "./wizard.ts";

/**
 * Takes the pictures of docs/screens from the running program: npm run screens.
 * The user is one that docs/sample-data.md names.
 */
const folder = resolve(import.meta.dirname, "../docs/screens");
const victim = "u_892677";

test("screens", async ({ browser, server }) => {
  await mkdir(folder, { recursive: true });
  await server.addSample(100_000);
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "UTC" });
  const page = await context.newPage();
  const shoot = (name: string) => page.screenshot({ path: resolve(folder, `${name}.png`) });

  await page.goto("/login");
  await page.getByLabel("User name").waitFor();
  await shoot("login");
  await logIn(page, server);
  await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Takeover of a good customer");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, victim);
  await saved(page);
  await shoot("settings");
  await start(page);
  await page.getByText(/^[1-9]\d of \d+ checks done/).waitFor();
  await shoot("progress");
  await completed(page);
  await shoot("results");
  await dark(page);
  await shoot("results-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await shoot("results-phone");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/datasets");
  await page.getByRole("link", { name: /Sample shop/ }).first().click();
  await page.getByText("Column of the file").waitFor();
  await shoot("data");
  await page.goto("/");
  await page.getByRole("row", { name: /Takeover/ }).waitFor();
  await shoot("investigations");
});

async function dark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(300);
}
