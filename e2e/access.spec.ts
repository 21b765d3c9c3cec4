import { expect, test } from "./fixtures.ts";
import { logIn } from "./wizard.ts";

test.use({ actionTimeout: 30_000, navigationTimeout: 60_000 });

test("the first screen needs at most 250 KB of compressed script, and moves nothing for who wants no motion", async ({ browser, server }) => {
  const before = await browser.newContext({ baseURL: server.url });
  await logIn(await before.newPage(), server);
  const context = await browser.newContext({ baseURL: server.url, reducedMotion: "reduce", storageState: await before.storageState() });
  await before.close();
  const page = await context.newPage(); // with nothing in its cache
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Investigations", level: 1 })).toBeVisible();
  await page.waitForTimeout(1000); // for what comes after the first screen
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
