import { expect, test } from "./fixtures.ts";
import { addEntity, chooseDataset, logIn, newInvestigation, saved } from "./wizard.ts";

test("settings are kept as a template, and another investigation is loaded from it", async ({ page, server }) => {
  await server.addSample(2_000);
  await page.goto("/login");
  await logIn(page, server);
  await newInvestigation(page);
  await page.getByLabel(/^Name/).fill("Pattern");
  await chooseDataset(page, "Sample shop");
  await addEntity(page, "u_000001");
  await saved(page);

  await page.getByRole("button", { name: "Save as template" }).click();
  await expect(page.getByRole("heading", { name: "Save as a template" })).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("Stolen cards");
  await page.getByLabel("The user to investigate", { exact: true }).check();
  await page.getByRole("button", { name: "Save the template" }).click();
  await expect(page.getByRole("heading", { name: "Stolen cards" })).toBeVisible();

  // another of the same name is told, with a free one
  await page.goBack();
  await newInvestigation(page);
  await page.getByRole("button", { name: "Load a template" }).click();
  await page.getByRole("link", { name: "Stolen cards" }).click();
  await page.getByLabel(/The user to investigate/).fill("u_000002");
  await expect(page.getByText("User: u_000002")).toBeVisible();
  await page.getByRole("button", { name: "Load these settings" }).click();
  await expect(page.locator("input").and(page.locator(`[value="u_000002"]`))).toBeVisible();

  await page.getByRole("button", { name: "Save as template" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("stolen CARDS");
  await page.getByRole("button", { name: "Save the template" }).click();
  await page.getByRole("button", { name: "Call it “stolen CARDS (2)”" }).click();
  await expect(page.getByRole("heading", { name: "stolen CARDS (2)" })).toBeVisible();

  // deleted, and back
  await page.getByRole("button", { name: "Templates: stolen CARDS (2)" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByRole("link", { name: "stolen CARDS (2)" })).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name: "stolen CARDS (2)" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Account takeover" })).toBeVisible();
});
