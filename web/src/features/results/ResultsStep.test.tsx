import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { showPage, stubBrowser, stubServer } from "../../testing/page";
import { sampleState } from "../../testing/sample";
import { ResultsStep } from "./ResultsStep";
import { t } from "./texts";

beforeAll(stubBrowser);
beforeEach(() => {
  stubServer((path) => (path.startsWith("/agents") ? { agents: [] } : undefined));
});
afterEach(cleanup);

const finding = (id: string, agent: string, severity: string) => ({
  id,
  agent,
  tool: `tool_${id}`,
  severity,
  title: `Title ${id}`,
  sentence: `Sentence ${id} holds 42.`,
  strength: 0.5,
  weight: 0.5,
  entities: [{ type: "user_id", value: "u_1" }],
  evidence: [{ row: 1234, fields: { user_id: "u_1", amount: 9.5, city: null } }],
  evidence_rows: [1234, 1235],
  evidence_total: 2,
});

const whole = {
  risk_score: 63.5,
  risk_level: "high",
  score_interval: { low: 60, high: 71 },
  domains: [{ agent: "device", risk: 63.5, coverage: 0.5, assessed: 1, tools: 2 }],
  findings: [finding("a", "device", "low"), finding("b", "location", "critical")],
  not_assessed: [{ tool: "t9", agent: "network", reason: "the file has no asn", columns: ["asn"] }],
  contributions: [{ tool: "tool_b", agent: "location", points: 63.5 }],
  timeline: [],
  graph: { nodes: [], edges: [] },
  recommendations: ["Look twice."],
  summary: "It is high.",
  dataset: { id: "d1", name: "Sample", sha256: "abc123", rows: 5000 },
  digest: "feed",
};

const show = (change: Record<string, unknown>, search = "") =>
  showPage(
    <ResultsStep />,
    "/investigations/:id/results",
    `/investigations/inv-1/results${search}`,
    sampleState({ version: 10, ...change }),
  );

test("tells the score with its interval, and that it is no probability", () => {
  show({ status: "completed", results: whole });
  expect(screen.getByRole("img", { name: /64 of 100, High.*60–71 depending/ })).toBeTruthy();
  expect(screen.getByText(t.score.uncalibrated)).toBeTruthy();
  expect(screen.getByText("It is high.")).toBeTruthy();
  expect(screen.queryByText(t.partial.title)).toBeNull();
});

test("a finding opens on the very rows of the file, with how many more there are", async () => {
  const user = userEvent.setup();
  show({ status: "completed", results: whole });
  await user.click(screen.getByRole("button", { name: /Sentence b/ }));
  const table = screen.getByRole("region", { name: t.evidence.table });
  expect(within(table).getByRole("rowheader").textContent).toBe((1234).toLocaleString());
  expect(
    within(table)
      .getAllByRole("columnheader")
      .map((cell) => cell.textContent),
  ).toEqual([t.evidence.row, "user_id", "amount"]);
  expect(screen.getByText(t.evidence.page("1", "1", "2"))).toBeTruthy();
});

test("the address opens a finding and holds the filters", async () => {
  const user = userEvent.setup();
  const page = show({ status: "completed", results: whole }, "?finding=a");
  expect(screen.getByRole("button", { name: /Sentence a/ }).getAttribute("aria-expanded")).toBe("true");
  await user.click(screen.getByRole("checkbox", { name: /Critical 1/ }));
  expect(page.place()).toBe("/investigations/inv-1/results?severity=critical");
  expect(screen.queryByRole("button", { name: /Sentence a/ })).toBeNull();
});

test("what was not assessed names its reason and the columns that would settle it", () => {
  show({ status: "completed", results: whole });
  const section = screen.getByRole("region", { name: t.sections.notAssessed });
  expect(section.textContent).toContain("the file has no asn");
  expect(within(section).getByText("asn").tagName).toBe("CODE");
});

test.each(["running", "paused", "error", "cancelled"])(
  "what a %s run has found is shown as partial, without a score",
  (status) => {
    show({ status, results: { findings: whole.findings } });
    expect(screen.getByText(t.partial.title)).toBeTruthy();
    expect(screen.getByText(t.score.none)).toBeTruthy();
    expect(screen.getByText(/Sentence b/)).toBeTruthy();
    expect(screen.queryByText(t.score.uncalibrated)).toBeNull();
  },
);

test("a run without results says what to do", () => {
  show({ status: "draft", results: null });
  expect(screen.getByText(t.none)).toBeTruthy();
  expect(screen.getByRole("link", { name: t.toSettings })).toBeTruthy();
});
