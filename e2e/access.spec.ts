import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { completed, logIn, victim } from "./wizard.ts";

const rows = 3_000;
test.use({ sample: rows, contextOptions: { reducedMotion: "reduce" } });
test.use({ actionTimeout: 30_000, navigationTimeout: 60_000 });
test.describe.configure({ timeout: 400_000 });

/** Tabs to an element, as somebody does who has no mouse, and sees that the focus can be seen. */
async function tabTo(page: Page, target: Locator, key = "Tab"): Promise<void> {
  const there = () => target.first().evaluate((element) => element === document.activeElement);
  for (let i = 0; i < 150 && !(await there()); i++) await page.keyboard.press(key);
  expect(await there(), `${target} cannot be reached by ${key}`).toBe(true);
  await expect(target.first()).toBeInViewport();
  expect(await target.first().evaluate((element) => element.matches(":focus-visible"))).toBe(true);
}

test("the whole way, from the login to the archive, goes by the keyboard alone", async ({ page, server }) => {
  const culprit = await victim(server, rows);
  await page.goto("/");
  const { keyboard } = page;
  await expect(page.getByLabel("User name")).toBeFocused();
  await keyboard.type(server.analyst.name);
  await keyboard.press("Tab");
  await keyboard.type(server.analyst.password);
  await keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Investigations", level: 1 })).toBeVisible();

  // the first stop of a page leads past the navigation
  await page.reload();
  await expect(page.getByRole("heading", { name: "Investigations", level: 1 })).toBeVisible();
  await keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();

  await keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search and go to" })).toBeFocused();
  await keyboard.type("new inv");
  await expect(page.getByRole("option", { name: "New investigation" })).toHaveAttribute("aria-selected", "true");
  await keyboard.press("Enter");
  await page.waitForURL(/\/settings$/);

  await tabTo(page, page.getByLabel(/^Name/));
  await keyboard.press("Control+a");
  await keyboard.type("By hand");
  await tabTo(page, page.getByLabel(/^Data set/));
  await keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: /Sample shop/ })).toBeVisible();
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await expect(page.getByLabel(/^Data set/).first()).toHaveValue(/Sample shop/);
  await tabTo(page, page.getByLabel("Add entities"));
  await keyboard.type(culprit);
  await keyboard.press("Enter");
  await expect(page.getByLabel(/^Entity 1: Value/)).toHaveValue(culprit);
  await expect(page.getByText("Saving…")).toHaveCount(0);
  await tabTo(page, page.getByRole("button", { name: "Start investigation" }));
  await keyboard.press("Enter");
  await page.waitForURL(/\/(progress|results)$/);
  await completed(page);

  await keyboard.press("Control+k");
  await keyboard.type("go to investigations");
  await expect(page.getByRole("option", { name: "Go to Investigations" })).toHaveAttribute("aria-selected", "true");
  await keyboard.press("Enter");
  await expect(page.getByRole("checkbox", { name: "Select By hand" })).toBeVisible();
  await tabTo(page, page.getByRole("checkbox", { name: "Select By hand" }));
  await keyboard.press("Space");
  await tabTo(page, page.getByRole("button", { name: "Archive 1" }), "Shift+Tab");
  await keyboard.press("Enter");
  await expect(page.getByText("“By hand” was archived.").first()).toBeVisible();
  await keyboard.press("Control+k");
  await keyboard.type("archive");
  await expect(page.getByRole("option", { name: "Go to Archive" })).toBeVisible();
  while ((await page.getByRole("option", { name: "Go to Archive" }).getAttribute("aria-selected")) !== "true") await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "By hand" })).toBeVisible();
});

test("the first screen needs at most 250 KB of compressed script, and moves nothing for who wants no motion", async ({ browser, server }) => {
  const before = await browser.newContext({ baseURL: server.url });
  await logIn(await before.newPage(), server);
  await before.request.post("/api/v1/investigations", { data: { name: "First", settings: {} } });
  const context = await browser.newContext({ baseURL: server.url, reducedMotion: "reduce", storageState: await before.storageState() });
  await before.close();
  const page = await context.newPage(); // with nothing in its cache
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Investigations", level: 1 })).toBeVisible();
  await expect(page.getByText("Live", { exact: true })).toBeVisible(); // what comes after the first screen is there too
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((entry): entry is PerformanceResourceTiming => /\.js$/.test(entry.name))
      .map((entry) => ({ name: entry.name, bytes: entry.encodedBodySize })),
  );
  expect(scripts.length).toBeGreaterThan(1);
  expect(scripts.every((script) => script.bytes > 0)).toBe(true);
  expect(scripts.reduce((sum, script) => sum + script.bytes, 0), JSON.stringify(scripts, null, 1)).toBeLessThanOrEqual(250_000);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((element) => {
      const { animationDuration, transitionDuration } = getComputedStyle(element);
      return [...animationDuration.split(","), ...transitionDuration.split(",")].some((time) => Number.parseFloat(time) > 0.001);
    }).length,
  );
  expect(moving).toBe(0);
  await context.close();
});
