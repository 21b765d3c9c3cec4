import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import type { Server } from "./server.ts";
import { logIn } from "./wizard.ts";

test.use({ actionTimeout: 30_000, navigationTimeout: 60_000 });
test.describe.configure({ timeout: 300_000 });

type Place = { page: Page; server: Server };

async function post({ page, server }: Place, path: string, data: unknown = {}): Promise<unknown> {
  const answer = await page.request.post(`${server.url}/api/v1${path}`, { data });
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
  return answer.json();
}

const draft = (at: Place, name: string, entities: object[]) => post(at, "/investigations", { name, settings: { entities } });

const rows = (page: Page) => page.getByRole("table", { name: "Investigations" }).locator("tbody tr");

test("the list renews itself, and says so where it cannot", async ({ page, server, context }) => {
  await logIn(page, server);
  await page.goto("/?q=Zephyr");
  await expect(page.getByText("Nothing fits these filters")).toBeVisible();
  await draft({ page, server }, "Zephyr", [{ type: "user_id", value: "z" }]);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText(/^Not up to date/)).toBeVisible();
  await expect(page.getByText("Live", { exact: true })).toHaveCount(0);
  await context.setOffline(false);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
});
