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
  promotion: { ruling: "review", proposed: false, reason: "from 80 % on" },
};
const sure = {
  ...check,
  tool: "NET-03",
  title: "Tor",
  suggested_weight: null,
  promotion: { ruling: "review", proposed: true, reason: "19 of 20" },
};
const blocking = {
  ...sure,
  tool: "DEV-06",
  title: "Headless browser",
  promotion: { ruling: "block", proposed: false, reason: "as was accepted" },
};
const none = { version: 0, by: "", reason: "", tools: {} };
const few = { labelled: 24, needed: 200, bins: [], statement: "Uncalibrated score." };

function show(role: string, reliability: object = few) {
  const sent: unknown[] = [];
  stubServer((path, init) => {
    if (path === "/auth/session") return { user: { id: "lea", name: "Lea", role }, renewable: true };
    if (path === "/calibration")
      return { statement: "No probabilities.", weights: none, items: [check, sure, blocking], reliability };
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
  expect(sent).toEqual([
    { tools: ["GEO-01"], promote: [], demote: [], base_version: 0, reason: "A quarter of work" },
  ]);
  await expect.poll(drafts).toEqual([]);
});

test("an analyst sees the suggestion and who accepts it", async () => {
  show("analyst");
  const row = await screen.findByRole("row", { name: /Impossible travel/ });
  expect(within(row).getByRole("checkbox").hasAttribute("disabled")).toBe(true);
  expect(screen.getByText(t.accept.leads)).toBeTruthy();
});

test("a promotion is proposed, one is taken back, and both are told in words before they are accepted", async () => {
  const user = userEvent.setup();
  const sent = show("lead");
  await user.click(await screen.findByRole("checkbox", { name: t.checks.promoteCheck("Tor") }));
  await user.click(screen.getByRole("checkbox", { name: t.checks.demoteCheck("Headless browser") }));
  expect(screen.queryByRole("checkbox", { name: t.checks.promoteCheck("Impossible travel") })).toBeNull();
  await user.click(screen.getByRole("button", { name: t.accept.title(2) }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText(/to be blocked, whatever the score/)).toBeTruthy();
  await user.type(within(dialog).getByLabelText(t.accept.reason), "seen");
  await user.click(within(dialog).getByRole("button", { name: t.accept.submit }));
  expect(sent).toEqual([
    { tools: [], promote: ["NET-03"], demote: ["DEV-06"], base_version: 0, reason: "seen" },
  ]);
});

test("scores are told apart from chances: how many verdicts there are, then the plot with its figures", async () => {
  show("analyst");
  expect(await screen.findByText(t.reliability.progress(24, 200))).toBeTruthy();
  cleanup();
  const bin = {
    from: 0.3,
    to: 0.4,
    labelled: 210,
    counted: 0.35,
    right: 0.5,
    interval: { low: 0.43, high: 0.57 },
  };
  show("analyst", { labelled: 210, needed: 200, bins: [bin], statement: "15 points apart." });
  expect(await screen.findByRole("img", { name: t.reliability.plot })).toBeTruthy();
  expect(screen.getByRole("cell", { name: t.reliability.share("0.50", "0.43", "0.57") })).toBeTruthy();
});
