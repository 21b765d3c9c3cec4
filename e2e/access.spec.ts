import type { Locator, Page } from "@playwright/test";
import axe from "axe-core";
import { z } from "zod";
import { expect, test } from "./fixtures.ts";
import { completed, idOf, logIn, victim } from "./wizard.ts";

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
  const id = idOf(page);

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
  await keyboard.press("Control+k");
  await keyboard.type(id);
  await expect(page.getByRole("option", { name: `Open the investigation ${id}` })).toHaveAttribute("aria-selected", "true");
  await keyboard.press("Enter");
  await page.waitForURL(new RegExp(`${id}/results$`));
});

/** What axe finds on the screen as it stands, in both themes; they differ in nothing but their colours. */
async function examine(page: Page, screen: string): Promise<string[]> {
  await page.evaluate(axe.source);
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await page.evaluate(async () => {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const changing = document.getAnimations().filter((a) => a instanceof CSSTransition); // from one theme's colours to the other's
      await Promise.allSettled(changing.map((a) => a.finished));
    });
    const violations = await page.evaluate(async (rules) => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") };
      return (await axe.run(rules === null ? {} : { runOnly: rules })).violations;
    }, colorScheme === "dark" ? ["color-contrast"] : null);
    for (const { id, help, nodes } of violations) {
      const [first] = nodes;
      faults.push(`${screen}, ${colorScheme}: ${nodes.length} × ${id} (${help}): ${first?.html.slice(0, 200)} ${first?.any[0]?.message ?? ""}`);
    }
  }
  return faults;
}

test("no screen has a fault that axe knows, in either theme", async ({ page, server }) => {
  const at = async (screen: string, path: string | null, ready: Locator) => {
    if (path !== null) await page.goto(path);
    await ready.first().waitFor();
    expect.soft(await examine(page, screen)).toEqual([]);
  };
  await at("login", "/login", page.getByLabel("User name"));
  await logIn(page, server);
  const api = async (path: string, data?: unknown): Promise<unknown> => {
    const url = `${server.url}/api/v1${path}`;
    return (await (data === undefined ? page.request.get(url) : page.request.post(url, { data }))).json();
  };
  const sets = z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(await api("/datasets"));
  const dataset = sets.items[0]?.id ?? "";
  const made = z.looseObject({ investigation_id: z.string() });
  const entities = [{ type: "user_id", value: await victim(server, rows) }];
  const run = made.parse(await api("/investigations", { name: "Looked at", settings: { dataset, entities } })).investigation_id;
  await api("/investigations", { name: "A draft", settings: { dataset, entities } });
  await api(`/wizard/${run}/start`, {});
  await page.goto(`/investigations/${run}`);
  await completed(page);
  expect(idOf(page)).toBe(run);

  await at("results", null, page.getByRole("heading", { name: "Summary" }));
  await page.getByRole("region", { name: "Findings" }).getByRole("button", { expanded: false }).first().click();
  await at("a finding", null, page.getByRole("region", { name: "Rows that show it" }));
  await at("two runs compared", `/investigations/${run}/compare/${run}`, page.getByText("The settings are the same."));
  await at("progress", `/investigations/${run}/progress`, page.getByRole("log"));
  await at("trail", `/investigations/${run}/trail`, page.getByRole("heading", { name: "Checkpoints" }));
  await at("frozen settings", `/investigations/${run}/settings`, page.getByLabel(/^Name/));
  await at("investigations", "/", page.getByRole("link", { name: "Looked at" }));
  await page.getByRole("search").getByRole("button", { name: "Status" }).click();
  await at("a filter", null, page.getByRole("dialog").getByRole("checkbox"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Views" }).click();
  await at("views", null, page.getByLabel("Save what is shown now"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await at("palette", null, page.getByRole("option"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Notifications/ }).click();
  await at("notifications", null, page.getByText("Nothing yet."));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Preferences" }).click();
  await at("preferences", null, page.getByText("Density"));
  await at("nothing fits", "/?q=nothing+at+all", page.getByText("Nothing fits these filters"));
  await at("archive", "/?archived=true", page.getByText("Nothing is archived").or(page.getByRole("columnheader", { name: "Kept until" })));
  await at("new investigation", "/investigations/new", page.getByLabel("Add entities"));
  await at("templates", "/templates", page.getByRole("link", { name: "Account takeover" }));
  await at("template", "/templates/builtin-account-takeover", page.getByRole("heading", { name: "Account takeover" }));
  await at("new template", `/templates/new?from=${run}`, page.getByRole("textbox", { name: "Name" }));
  await at("data", "/datasets", page.getByRole("link", { name: /Sample shop/ }));
  await at("a data set", `/datasets/${dataset}`, page.getByText("Column of the file"));
  await at("lists", "/lists", page.getByRole("heading", { level: 1 }));
  await at("calibration", "/calibration", page.getByText("Nobody has given a verdict yet"));
  await at("no audit for an analyst", "/audit", page.getByText("The whole trail is for auditors and admins"));
  await at("no such place", "/nowhere", page.getByText("There is nothing here"));
  await at("no such investigation", "/investigations/none/results", page.getByText("This investigation is not there any more"));
  await page.setViewportSize({ width: 390, height: 844 });
  await at("investigations on a phone", "/", page.getByRole("link", { name: "Looked at" }));
  await at("results on a phone", `/investigations/${run}/results`, page.getByRole("heading", { name: "Summary" }));

  const admin = { name: "admin", password: "yet another battery staple horse" };
  await server.addUser(admin, "admin");
  await page.context().clearCookies();
  await page.setViewportSize({ width: 1440, height: 900 });
  await logIn(page, server, "/admin", admin);
  await at("server", null, page.getByRole("button", { name: "Back up now" }));
  await at("audit", "/audit", page.getByRole("main").getByRole("listitem"));
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
