import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "./fixtures.ts";
import { addEntity, completed, logIn, newInvestigation, chooseDataset, saved, start, stateOf } from "./wizard.ts";

const cloudwalk = resolve(import.meta.dirname, "../../shared/data/cloudwalk-chargebacks/transactions.crlf.csv");

/** Forty accounts that pay now and then, one that pays nine times in ten minutes; two columns with names that nobody knows. */
function ownFile(): string {
  const lines = ["when_it_was,who,paid,device,status"];
  for (let i = 0; i < 400; i++) {
    const at = new Date(Date.UTC(2026, 4, 1, 8) + i * 3_600_000).toISOString();
    lines.push(`${at},c${i % 40},${(10 + (i % 17)).toFixed(2)},dev${i % 40},${i % 9 ? "approved" : "geplatzt"}`);
  }
  for (let i = 0; i < 9; i++) {
    lines.push(`${new Date(Date.UTC(2026, 4, 9, 3, i)).toISOString()},c7,${(900 + i).toFixed(2)},devX,approved`);
  }
  return `${lines.join("\n")}\n`;
}

test("an analyst brings a file, corrects its columns, has it ranked, and investigates whom it names", async ({ page, server }) => {
  await logIn(page, server, "/datasets");
  await page.locator('input[type="file"]').setInputFiles({ name: "own.csv", mimeType: "text/csv", buffer: Buffer.from(ownFile()) });
  await page.waitForURL(/\/datasets\/[^/]+$/);
  await expect(page.getByText("409", { exact: true }).first()).toBeVisible();
  for (const [source, meaning] of [
    ["when_it_was", "Time of the event"],
    ["who", "User"],
    ["paid", "Amount"],
  ] as const) {
    const field = page.getByLabel(`Meaning: ${source}`).first();
    if (!(await field.inputValue()).startsWith(meaning)) {
      await field.click();
      await field.fill(meaning);
      await page.getByRole("option", { name: new RegExp(`^${meaning}`) }).first().click();
    }
  }
  const apply = page.getByRole("button", { name: "Apply" });
  if (await apply.isEnabled()) {
    await apply.click();
    await expect(page.getByText("The columns were read anew")).toBeVisible();
  }
  const words = page.getByRole("region", { name: "Words of the outcome" });
  await expect(words.getByText("not known")).toBeVisible();
  await words.getByRole("combobox", { name: "What geplatzt means" }).click();
  await page.getByRole("option", { name: "Refused" }).click();
  await page.reload(); // what was said and not applied is there
  await words.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("The words are read anew")).toBeVisible();
  await page.reload();
  await expect(words.getByRole("combobox", { name: "What geplatzt means" })).toHaveValue("Refused");
  await expect(words.getByText("not known")).toHaveCount(0);
  await page.getByRole("button", { name: "Rank this file" }).click();
  const dialog = page.getByRole("dialog", { name: /^Whom to look at in/ });
  await expect(dialog.getByRole("row").nth(1)).toContainText(/^c7.*events within/);
  await dialog.getByRole("checkbox", { name: "Choose c7", exact: true }).check();
  await dialog.getByRole("button", { name: "Investigate" }).click();
  await page.waitForURL(/\/settings$/);
  const id = /investigations\/([^/]+)/.exec(page.url())?.[1] ?? "";
  await expect(page.getByLabel("Entity 1: Value")).toHaveValue("c7");
  await page.getByRole("button", { name: "Remove c7" }).click();
  await page.getByRole("button", { name: "Whom to look at?" }).click();
  await dialog.getByRole("checkbox", { name: "Choose c7", exact: true }).check();
  await dialog.getByRole("button", { name: "Add to the investigation" }).click();
  await expect(page.getByLabel("Entity 1: Value")).toHaveValue("c7");
  await saved(page);
  await start(page);
  await completed(page);
  const found = await stateOf(page, server, id);
  expect(found.results?.findings.map((f) => f.tool)).toContain("VEL-01");
  await page.goto("/datasets");
  await expect(page.getByText("In use").first()).toBeVisible();
});

test("a file that cannot be read is refused with the reason, and nothing of it is kept", async ({ page, server }) => {
  await logIn(page, server, "/datasets");
  const before = await page.request.get(`${server.url}/api/v1/datasets`).then((r) => r.text());
  await page.locator('input[type="file"]').setInputFiles({
    name: "broken.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("user_id,amount,timestamp\nu1,5,2026-01-01T00:00:00Z\nu2,6\n"),
  });
  await expect(page.getByRole("alert").filter({ hasText: "broken.csv" })).toContainText(/line 3|row 2/i);
  expect(await page.request.get(`${server.url}/api/v1/datasets`).then((r) => r.text())).toBe(before);
});

test("the cloudwalk file is investigated in the browser", async ({ page, server }) => {
  test.skip(!existsSync(cloudwalk), `skipped: ${cloudwalk} is not on this machine`);
  await logIn(page, server, "/datasets");
  await page.locator('input[type="file"]').setInputFiles(cloudwalk);
  await page.waitForURL(/\/datasets\/[^/]+$/);
  await expect(page.getByText("3,199").first()).toBeVisible();
  await expect(page.getByText("Set apart: no check reads it").first()).toBeVisible();
  await page.getByRole("link", { name: "Investigations" }).first().click();
  const id = await newInvestigation(page);
  await chooseDataset(page, "transactions.crlf");
  await addEntity(page, "81152", "User");
  await saved(page);
  await start(page);
  await completed(page);
  const found = await stateOf(page, server, id);
  expect(found.results?.findings.length).toBeGreaterThan(0);
  expect(found.results?.not_assessed.length).toBeGreaterThan(5);
});

test("a correction holds for the next file of that shape until it is forgotten, and a second file is joined once its rows were seen to meet", async ({
  page,
  server,
}) => {
  await logIn(page, server, "/datasets");
  const bring = async (name: string, text: string) => {
    const answer = await page.request.post("/api/v1/datasets", {
      multipart: { file: { name, mimeType: "text/csv", buffer: Buffer.from(text) } },
    });
    expect(answer.status(), await answer.text()).toBe(201);
    return (await answer.json()) as { id: string };
  };
  const january = await bring("january.csv", "when,kennung,menge\n2026-01-01T10:00:00Z,K1,5\n");
  const said = await page.request.put(`/api/v1/datasets/${january.id}/columns`, {
    data: { mapping: { event_time: "when", user_id: "kennung", amount: "menge" } },
  });
  expect(said.status()).toBe(200);
  const february = await bring("february.csv", "menge,kennung,when\n7,K1,2026-02-01T10:00:00Z\n8,K9,2026-02-02T10:00:00Z\n");
  await page.goto(`/datasets/${february.id}`);
  await expect(page.getByText("Columns are read as you corrected them in january.csv")).toBeVisible();
  await expect(page.getByText("From your earlier correction of january.csv").first()).toBeVisible();
  await page.getByRole("button", { name: "Forget this correction" }).click();
  await expect(page.getByRole("button", { name: "Forget this correction" })).toBeHidden();

  const people = await bring("people.csv", "kennung,email\nK1,k1@example.org\nK3,k3@example.org\n");
  await page.getByRole("button", { name: "Join a file" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("File to join").click();
  await page.getByRole("option", { name: /^people/ }).click();
  await expect(dialog.getByText("50 % of the events meet a row of the other file")).toBeVisible();
  await dialog.getByLabel("Name of the joined data set").fill("February with people");
  await page.reload(); // what was chosen and typed is there
  await page.getByRole("button", { name: "Join a file" }).click();
  await expect(dialog.getByLabel("Name of the joined data set")).toHaveValue("February with people");
  await expect(dialog.getByText("K9")).toBeVisible();
  await expect(dialog.getByText("K3")).toBeVisible();
  await dialog.getByRole("button", { name: "Join, 1 without a match" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(february.id) && !url.pathname.endsWith(people.id));
  await expect(page.getByRole("heading", { name: "February with people" })).toBeVisible();
  await expect(page.getByText("kennung = kennung: 1 event met a row, 1 did not; 1 row is in no event")).toBeVisible();
});
