import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test } from "vitest";
import { drafts, showPage, stubBrowser, stubServer } from "../../testing/page";
import { CalibrationPage } from "./CalibrationPage";
import { t } from "./texts";

beforeAll(stubBrowser);
afterEach(cleanup);

const check = {
  agent: "location",
  tool: "GEO-01",
  tool_version: 3,
  title: "Impossible travel",
  confirmed: 18,
  false_positive: 6,
  undecided: 0,
  labelled: 24,
  weight: 0.6,
  precision: 0.75,
  interval: { low: 0.55, high: 0.88 },
  suggested_weight: 0.7059,
  reason: "18 of 24",
};
const none = { version: 0, by: "", reason: "", tools: {} };

function show(role: string) {
  const sent: unknown[] = [];
  stubServer((path, init) => {
    if (path === "/auth/session") return { user: { id: "lea", name: "Lea", role }, renewable: true };
    if (path === "/calibration") return { statement: "No probabilities.", weights: none, items: [check] };
    if (path === "/calibration/accept") {
      sent.push(JSON.parse(String(init.body)));
      return { ...none, version: 1 };
    }
    return path.startsWith("/agents") ? { agents: [] } : undefined;
  });
  showPage(<CalibrationPage />, "/calibration", "/calibration");
  return sent;
}

test("a lead accepts a suggestion, with a reason, for the weights that were looked at", async () => {
  const user = userEvent.setup();
  const sent = show("lead");
  const row = await screen.findByRole("row", { name: /Impossible travel/ });
  expect(within(row).getByText(t.checks.share("0.75", "0.55", "0.88"))).toBeTruthy();
  await user.click(within(row).getByRole("checkbox"));
  await user.click(screen.getByRole("button", { name: t.accept.title(1) }));
  const dialog = await screen.findByRole("dialog");
  const submit = within(dialog).getByRole("button", { name: t.accept.submit });
  expect(submit.hasAttribute("disabled")).toBe(true);
  await user.type(within(dialog).getByLabelText(t.accept.reason), "A quarter of work");
  expect(Object.values({ ...localStorage }).join()).toContain('"reason":"A quarter of work"');
  await user.click(submit);
  expect(sent).toEqual([{ tools: ["GEO-01"], base_version: 0, reason: "A quarter of work" }]);
  await expect.poll(drafts).toEqual([]);
});

test("an analyst sees the suggestion and who accepts it", async () => {
  show("analyst");
  const row = await screen.findByRole("row", { name: /Impossible travel/ });
  expect(within(row).getByRole("checkbox").hasAttribute("disabled")).toBe(true);
  expect(screen.getByText(t.accept.leads)).toBeTruthy();
});
