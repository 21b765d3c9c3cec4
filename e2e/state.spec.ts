import { randomUUID } from "node:crypto";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { Server } from "./server.ts";
import { addEntity, chooseDataset, expectGapless, idOf, logIn, logOf, newInvestigation, saved, stateOf, victim } from "./wizard.ts";

/** Small, seeded and good enough to make a script of (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const contextOf = (browser: Browser, server: Server) =>
  browser.newContext({ baseURL: server.url, locale: "en-GB", timezoneId: "Europe/Vienna" });

/** Every value that the settings and the name of an investigation ever had, by its log. */
const everWritten = async (page: Page, server: Server, id: string) =>
  JSON.stringify((await logOf(page, server, id)).filter((e) => e.type === "settings.changed"));

/** What the frame says of the connection and of what is saved. */
const pill = (page: Page) => page.getByRole("banner").locator("[data-tone]");

/** Answers the question that stands before the form, if one does, by its default: what was typed here stays. */
async function answer(page: Page): Promise<boolean> {
  const apply = page.getByRole("button", { name: "Keep the chosen values" });
  if (!(await apply.isVisible())) return false;
  await apply.click();
  return true;
}

/** Until nothing is asked any more and everything typed is on the server. */
async function settled(pages: Page[]): Promise<void> {
  await expect(async () => {
    for (const page of pages) {
      expect(await answer(page)).toBe(false);
      await expect(page.getByText("Saving…")).toHaveCount(0, { timeout: 1000 });
      await expect(page.getByText(/Not saved/)).toHaveCount(0, { timeout: 1000 });
    }
  }).toPass({ intervals: [700] });
}

test("two browsers and two tabs type into one form at once: no character is lost", async ({ server, browser }) => {
  const random = seeded(20261125);
  const one = await contextOf(browser, server);
  const two = await contextOf(browser, server);
  const first = await one.newPage();
  await logIn(first, server);
  const id = await newInvestigation(first);
  for (const value of ["u_1", "u_2", "u_3"]) await addEntity(first, value);
  await saved(first);
  const tab = await one.newPage();
  await tab.goto(`/investigations/${id}/settings`);
  const other = await two.newPage();
  await logIn(other, server, `/investigations/${id}/settings`);
  const pages = [first, tab, other];
  for (const page of pages) await expect(page.getByLabel("Entity 3: Value")).toHaveValue("u_3");

  // each has an entity of its own whose label it writes letter by letter, adds entities, and now and then writes the name, as all do
  const labels = ["", "", ""];
  const added: string[] = [];
  const names: string[] = [];
  let asked = 0;
  for (let turn = 0; turn < 36; turn++) {
    const who = Math.floor(random() * 3);
    const page = pages[who] as Page;
    if (await answer(page)) asked++;
    const dice = random();
    if (dice < 0.6) {
      const letter = String.fromCharCode(97 + Math.floor(random() * 26));
      const field = page.locator(`[data-entity="u_${who + 1}"]`).getByLabel(/: Label$/);
      await field.focus();
      await field.press("End");
      await page.keyboard.type(letter);
      labels[who] += letter;
    } else if (dice < 0.72 && added.length < 6) {
      const value = `x_${who}_${turn}`;
      await page.getByLabel("Add entities").fill(value);
      await page.getByLabel("Add entities").press("Enter");
      added.push(value);
    } else if (dice < 0.88) {
      const name = `Name ${turn} by ${who}`;
      await page.getByLabel(/^Name/).fill(name);
      names.push(name);
    } else {
      await page.waitForTimeout(random() * 600);
    }
  }
  await settled(pages);

  const state = await stateOf(first, server, id);
  const { entities } = state.settings as { entities: { value: string; label?: string }[] };
  expect([0, 1, 2].map((who) => entities.find((e) => e.value === `u_${who + 1}`)?.label ?? "")).toEqual(labels);
  expect(entities.map((e) => e.value).filter((v) => v.startsWith("x_")).sort()).toEqual(added.sort());
  // of the one field that all wrote, the last answer stands
  expect(names).toContain(state.name);
  for (const page of pages) {
    await expect(page.getByLabel(/^Name/)).toHaveValue(state.name);
    for (const [i, label] of labels.entries()) {
      await expect(page.locator(`[data-entity="u_${i + 1}"]`).getByLabel(/: Label$/)).toHaveValue(label);
    }
  }
  console.log(`${labels.join("").length} letters, ${added.length} entities, ${names.length} names by three windows; ${asked} questions; 0 characters lost`);
  await one.close();
  await two.close();
});

test("all checks on here against one off there is asked about as a whole, and what is chosen stands in both windows", async ({ server, browser }) => {
  const one = await contextOf(browser, server);
  const two = await contextOf(browser, server);
  const [here, there] = [await one.newPage(), await two.newPage()];
  await logIn(here, server);
  const id = await newInvestigation(here);
  await logIn(there, server, `/investigations/${id}/settings`);
  const { agents } = (await (await there.request.get(`${server.url}/api/v1/agents`)).json()) as {
    agents: { agent: string; tools: { tool: string }[] }[];
  };
  const without = (...off: string[]) =>
    agents.flatMap(({ agent, tools }) => tools.map(({ tool }) => ({ agent, tool, enabled: !off.includes(tool) })));
  const save = async (...off: string[]) => {
    const { settings } = await stateOf(there, server, id);
    const data = { settings: { ...(settings as object), tool_matrix: without(...off) } };
    expect((await there.request.put(`${server.url}/api/v1/wizard/${id}/state`, { data })).ok()).toBe(true);
  };
  const all = without().length;
  await save("GEO-01", "GEO-02");
  await expect(here.getByText(`${all - 2} of ${all} checks`)).toBeVisible();
  await one.setOffline(true);
  await here.getByRole("button", { name: "All on" }).click();
  await save("GEO-01", "GEO-02", "DEV-01");
  await one.setOffline(false);
  const dialog = here.getByRole("dialog", { name: "The same things were changed twice" });
  const row = dialog.getByRole("row", { name: /^Checks/ });
  await expect(row).toContainText(`${all - 3} of ${all} checks on`);
  await row.getByRole("radio").last().check();
  await dialog.getByRole("button", { name: "Keep the chosen values" }).click();
  await expect(dialog).toHaveCount(0); // what stands is what the server has, so nothing is sent
  for (const page of [here, there]) await expect(page.getByText(`${all - 3} of ${all} checks`)).toBeVisible();
  const { tool_matrix: matrix } = (await stateOf(here, server, id)).settings as { tool_matrix: { tool: string; enabled: boolean }[] };
  expect(matrix.filter((c) => !c.enabled).map((c) => c.tool).sort()).toEqual(["DEV-01", "GEO-01", "GEO-02"]);
  await one.close();
  await two.close();
});

test("the same field, written by two at once, is asked about with both values, authors and times", async ({ server, browser }) => {
  const one = await contextOf(browser, server);
  const two = await contextOf(browser, server);
  const [here, there] = [await one.newPage(), await two.newPage()];
  await logIn(here, server);
  const id = await newInvestigation(here);
  await addEntity(here, "u_1");
  await saved(here);
  await logIn(there, server, `/investigations/${id}/settings`);
  await expect(there.getByLabel("Entity 1: Value")).toHaveValue("u_1");

  await one.setOffline(true);
  await here.getByLabel("Entity 1: Label").fill("Ana");
  await here.getByLabel(/^Name/).fill("Named here");
  await there.getByLabel("Entity 1: Label").fill("Eve");
  await there.getByLabel("Entity 1: Weight").fill("7");
  await saved(there);
  await one.setOffline(false);
  const dialog = here.getByRole("dialog", { name: "The same things were changed twice" });
  const row = dialog.getByRole("row", { name: /User u_1: Label/ });
  await expect(row).toContainText("Ana");
  await expect(row).toContainText("Eve");
  await expect(row).toContainText(/you, \d/);
  await expect(row).toContainText(/you, in another window, \d/);
  expect(await dialog.getByRole("row").count()).toBe(2);
  await row.getByRole("radio", { name: /Eve/ }).check();
  await dialog.getByRole("button", { name: "Keep the chosen values" }).click();
  await saved(here);
  expect(await stateOf(here, server, id)).toMatchObject({
    name: "Named here",
    settings: { entities: [{ value: "u_1", label: "Eve", weight: 7 }] },
  });

  // a program that saves without looking is told of to everybody who views
  const blind = await here.request.put(`${server.url}/api/v1/wizard/${id}/state`, { data: { name: "By a program", base_version: 1 } });
  expect(await blind.json()).toMatchObject({ conflict: { fields: ["name"] } });
  for (const page of [here, there]) {
    const news = page.getByRole("alert").filter({ hasText: "saved over a newer change" });
    await expect(news).toContainText("Name: you had changed this");
    await expect(page.getByLabel(/^Name/)).toHaveValue("By a program");
  }
  await one.close();
  await two.close();
});

test("a closed tab, a crash of the page and another tab: what the server did not get is taken over", async ({ server, browser }) => {
  const context = await contextOf(browser, server);
  const page = await context.newPage();
  await logIn(page, server);
  const id = await newInvestigation(page);
  const second = await context.newPage();
  await second.goto(`/investigations/${id}/settings`);
  await expect(second.getByLabel(/^Name/)).toHaveValue(/Investigation/);

  // no write arrives; both tabs hold something of their own
  await context.route(`**/wizard/${id}/state`, (route) => (route.request().method() === "PUT" ? route.abort() : route.fallback()));
  await page.getByLabel(/^Name/).fill("Typed in the first tab");
  await page.getByLabel("Add entities").fill("u_half");
  await second.getByText("AND: one of every type").click();
  await expect(page.getByText(/^Not saved: /)).toBeVisible();
  await expect(pill(page)).toHaveText(/^Not saved/);
  await expect.poll(() => second.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("olorin-draft/")).length)).toBe(2);
  await page.close();
  await expect(second.getByLabel(/^Name/)).toHaveValue("Typed in the first tab");
  await expect(second.getByLabel("Add entities")).toHaveValue("u_half");
  await expect(second.getByRole("radio", { name: /AND: one of every type/ })).toBeChecked();

  await second.reload();
  await expect(second.getByLabel(/^Name/)).toHaveValue("Typed in the first tab");
  await context.unroute(`**/wizard/${id}/state`);
  let arrive = () => {};
  const arrived = new Promise<void>((done) => {
    arrive = done;
  });
  await context.route(`**/wizard/${id}/state`, async (route) => {
    if (route.request().method() === "PUT") await arrived;
    await route.fallback();
  });
  await second.getByLabel("Add entities").press("Enter");
  await expect(pill(second)).toHaveText(/^Saving…/);
  arrive();
  await saved(second);
  expect(await stateOf(second, server, id)).toMatchObject({
    name: "Typed in the first tab",
    settings: { correlation_mode: "AND", entities: [{ value: "u_half" }] },
  });
  await expect.poll(() => second.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("olorin-draft/")).length)).toBe(0);
  await context.close();
});

test("a full storage of the browser is told, and the server has what was typed", async ({ server, browser }) => {
  const context = await contextOf(browser, server);
  const page = await context.newPage();
  await logIn(page, server);
  const id = await newInvestigation(page);
  await page.evaluate(() => {
    let size = 1 << 22;
    for (let n = 0; size > 0; ) {
      try {
        localStorage.setItem(`ballast ${n++}`, "x".repeat(size));
      } catch {
        size >>= 1;
      }
    }
  });
  await page.getByLabel(/^Name/).fill("Typed beside a full storage");
  await expect(page.getByText("This browser cannot keep a copy of what you type")).toBeVisible();
  await saved(page);
  expect((await stateOf(page, server, id)).name).toBe("Typed beside a full storage");
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await expect(page.getByLabel(/^Name/)).toHaveValue("Typed beside a full storage");
  await expect(page.getByText("This browser cannot keep a copy")).toHaveCount(0);
  await context.close();
});

test("a session that ended is renewed in place, and what was typed meanwhile is saved", async ({ server, browser }) => {
  const context: BrowserContext = await contextOf(browser, server);
  const page = await context.newPage();
  await logIn(page, server);
  const id = await newInvestigation(page);
  await addEntity(page, "u_1");
  await saved(page);
  await context.clearCookies();
  await page.getByLabel("Entity 1: Label").fill("typed after the session ended");
  await page.getByLabel(/^Name/).fill("Not lost");
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog.getByLabel("User name")).toHaveValue(server.analyst.name);
  await dialog.locator('input[name="password"]').fill(server.analyst.password);
  await dialog.getByRole("button", { name: "Log in" }).click();
  await expect(dialog).toHaveCount(0);
  await saved(page);
  expect(idOf(page)).toBe(id);
  expect(await stateOf(page, server, id)).toMatchObject({
    name: "Not lost",
    settings: { entities: [{ value: "u_1", label: "typed after the session ended" }] },
  });
  expect(await everWritten(page, server, id)).toContain("typed after the session ended");
  await context.close();
});

test("the disk fills up under an open page: it says so, work goes on, and nothing is lost, neither when there is room again nor when the server dies before", async ({ browser }) => {
  let server: Server;
  try {
    server = await Server.start({ disk: "48m" });
  } catch (error) {
    test.skip(/mount/.test(String(error)), "only root can fill a disk, where the machine lets it mount one");
    throw error;
  }
  try {
    const one = await contextOf(browser, server);
    const page = await one.newPage();
    await logIn(page, server);
    const id = await newInvestigation(page);
    await addEntity(page, "u_1");
    await saved(page);
    const banner = page.getByRole("alert").filter({ hasText: "The server holds changes in memory" });

    /** Fills the disk, and what room the write-ahead log still has. Returns how to make room. */
    const fill = async () => {
      const room = server.fill();
      const save = (n: number) => page.request.put(`${server.url}/api/v1/wizard/scratch-${n}/state`, { data: { name: randomUUID() } });
      await expect(async () => {
        const saves = await Promise.all(Array.from({ length: 25 }, (_, n) => save(n)));
        expect(saves.map((answer) => answer.status())).toContain(202);
      }).toPass({ timeout: 60_000, intervals: [1] });
      return room;
    };
    const room = await fill();
    let typed = 0;
    await expect(async () => {
      await page.getByLabel(/^Name/).fill(`Typed on a full disk ${++typed}`);
      await expect(banner).toBeVisible({ timeout: 1500 });
    }).toPass();
    await page.getByLabel("Entity 1: Label").pressSequentially("held in memory");
    await addEntity(page, "u_2");
    await expect(page.getByText(/^Held in memory \d/)).toBeVisible();
    await expect(pill(page)).toHaveText(/^Held in memory/);
    await expect(page.getByText(/^Saved \d/)).toHaveCount(0);
    // who comes now gets in, and sees it
    const two = await contextOf(browser, server);
    const other = await two.newPage();
    await logIn(other, server, `/investigations/${id}/settings`);
    await expect(other.getByLabel("Entity 1: Label")).toHaveValue("held in memory");
    await expect(other.getByLabel("Entity 2: Value")).toHaveValue("u_2");
    await expect(other.getByRole("alert").filter({ hasText: "The server holds changes in memory" })).toBeVisible();
    const held = await stateOf(page, server, id);

    const ended = Date.now();
    await room();
    await expect(banner).toHaveCount(0);
    const recovered = Date.now() - ended;
    await page.getByLabel("Entity 2: Label").fill("after it");
    await saved(page);
    await server.kill9();
    await server.restart();
    const { name, settings } = await stateOf(page, server, id);
    expect(name).toBe(`Typed on a full disk ${typed}`);
    expect(settings).toMatchObject({
      entities: [
        { value: "u_1", label: "held in memory" },
        { value: "u_2", label: "after it" },
      ],
    });
    const log = await logOf(page, server, id);
    expectGapless(log);
    expect(log.length).toBeGreaterThan(held.version);
    console.log(`${held.version} events when the disk was full, told ${recovered} ms after there was room again; 0 lost after kill -9`);
    await two.close();

    // what is only held dies with the server: the page notices, and sends it again
    const again = await fill();
    await expect(async () => {
      await page.getByLabel(/^Name/).fill(`Held and lost ${++typed}`);
      await expect(banner).toBeVisible({ timeout: 1500 });
    }).toPass({ timeout: 60_000 });
    await addEntity(page, "u_3");
    await expect(page.getByText(/^Held in memory \d/)).toBeVisible();
    await server.kill9();
    await again();
    await server.restart();
    expect((await stateOf(page, server, id)).name).not.toContain("lost");
    await expect(page.getByText("The server lost what it held in memory")).toBeVisible({ timeout: 60_000 });
    await saved(page);
    await expect(page.getByLabel("Entity 3: Value")).toHaveValue("u_3");
    expect(await stateOf(page, server, id)).toMatchObject({
      name: `Held and lost ${typed}`,
      settings: { entities: [{ value: "u_1" }, { value: "u_2" }, { value: "u_3" }] },
    });
    await one.close();
  } finally {
    await server.stop();
  }
});

test("forms keep what was typed: over a failed save, a closed tab and a reload", async ({ server, browser }) => {
  const context = await contextOf(browser, server);
  const page = await context.newPage();
  await logIn(page, server);
  const id = await newInvestigation(page);
  await page.goto(`/templates/new?from=${id}`);
  await page.getByLabel(/^Name/).fill("Half a template");
  await page.getByLabel("What it is for").fill("typed and not sent");
  await context.route("**/wizard/templates", (route) => (route.request().method() === "POST" ? route.abort() : route.fallback()));
  await page.getByRole("button", { name: "Save the template" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  const trail = await context.newPage();
  await trail.goto(`/investigations/${id}/trail`);
  await trail.getByLabel("Label").fill("Before the weekend");
  await page.close();
  await trail.close();

  const again = await context.newPage();
  await again.goto(`/investigations/${id}/trail`);
  await expect(again.getByLabel("Label")).toHaveValue("Before the weekend");
  await again.getByRole("button", { name: "Make a checkpoint" }).click();
  await expect(again.getByLabel("Label")).toHaveValue("");
  await again.goto(`/templates/new?from=${id}`);
  await expect(again.getByText("What you had entered is back")).toBeVisible();
  await expect(again.getByLabel("What it is for")).toHaveValue("typed and not sent");
  await again.reload();
  await expect(again.getByLabel(/^Name/)).toHaveValue("Half a template");
  await context.unroute("**/wizard/templates");
  // what is kept is the settings as they are now, not as they were when the form was begun
  const { settings } = await stateOf(again, server, id);
  const data = { settings: { ...(settings as object), risk_threshold: 77 } };
  expect((await again.request.put(`${server.url}/api/v1/wizard/${id}/state`, { data })).ok()).toBe(true);
  await again.reload();
  await again.getByRole("button", { name: "Save the template" }).click();
  await again.waitForURL(/\/templates\/[^/?]+$/);
  await expect(again.getByRole("row", { name: "Risk threshold 77" })).toBeVisible();
  await expect(again.getByText("typed and not sent")).toBeVisible();
  await expect.poll(() => again.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("olorin-draft/")).length)).toBe(0);

  // one of that name again: what would be replaced is shown first
  await again.goto(`/templates/new?from=${id}`);
  await again.getByLabel(/^Name/).fill("half a TEMPLATE");
  await again.getByLabel("What it is for").fill("for something else");
  await again.getByRole("button", { name: "Save the template" }).click();
  const taken = again.getByRole("alert").filter({ hasText: "You have a template of this name" });
  await expect(taken.getByRole("row", { name: /^What it is for/ })).toContainText("typed and not sent");
  await context.close();
});

test("who leaves a new investigation untouched and comes back makes no second one", async ({ page, server }) => {
  await logIn(page, server);
  const id = await newInvestigation(page);
  await page.goto("/templates");
  expect(await newInvestigation(page)).toBe(id);
  await addEntity(page, "u_1");
  await saved(page);
  await page.goto("/templates");
  expect(await newInvestigation(page)).not.toBe(id);
});

test("entries that come after the start are not lost: they make a draft of their own", async ({ server, browser }) => {
  await server.addSample(5_000);
  const context = await contextOf(browser, server);
  const page = await context.newPage();
  await logIn(page, server);
  const id = await newInvestigation(page);
  await chooseDataset(page, "Sample shop");
  await addEntity(page, await victim(server, 5_000));
  await saved(page);
  // the page hears nothing more, and somebody starts the run elsewhere
  await context.setOffline(true);
  await page.getByLabel("Entity 1: Label").fill("typed too late");
  const elsewhere = await contextOf(browser, server);
  const there = await elsewhere.newPage();
  await logIn(there, server);
  const started = await there.request.post(`${server.url}/api/v1/wizard/${id}/start`);
  expect(started.status()).toBe(200);
  await context.setOffline(false);
  const late = page.getByRole("alert").filter({ hasText: "Changes that came too late" });
  await expect(late).toContainText("Entities");
  await expect(page.getByText("Not saved: The settings of a running investigation are frozen")).toBeVisible(); // the page stands still once that is told
  await late.getByRole("button", { name: "Make a new draft of my version" }).click();
  await page.waitForURL((url) => /\/settings$/.test(url.pathname) && !url.pathname.includes(id));
  await expect(page.getByLabel("Entity 1: Label")).toHaveValue("typed too late");
  await context.close();
  await elsewhere.close();
});
