import { act, cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { showPage, stubBrowser, stubServer } from "../../testing/page";
import { sampleState } from "../../testing/sample";
import { ResultsStep } from "./ResultsStep";
import { t } from "./texts";

beforeAll(stubBrowser);
beforeEach(() => {
  stubServer((path) =>
    path.startsWith("/agents")
      ? { agents: [], columns: [{ name: "asn", title: "Network (ASN)" }] }
      : undefined,
  );
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
  entities_total: 4,
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
  not_assessed: [
    { tool: "t9", agent: "network", code: "column_missing", reason: "the file has no asn", columns: ["asn"] },
  ],
  contributions: [{ tool: "tool_b", agent: "location", points: 63.5 }],
  timeline: [],
  graph: { nodes: [], edges: [] },
  recommendations: ["Look twice."],
  summary: "It is high.",
  dataset: { id: "d1", name: "Sample", sha256: "abc123", rows: 5000, columns: { user_id: "Kunde" } },
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
  expect(screen.getByRole("img", { name: /64 of 100, High.*60–71 should one check/ })).toBeTruthy();
  expect(screen.getByText(t.score.uncalibrated)).toBeTruthy();
  expect(screen.getByText("It is high.")).toBeTruthy();
  expect(screen.queryByText(t.partial.title)).toBeNull();
});

test("in a case of several entities it is told whose score it is, and what counts for whom", async () => {
  const user = userEvent.setup();
  const [ip, person] = [
    { type: "ip_address", value: "192.0.2.1" },
    { type: "user_id", value: "u_1" },
  ];
  const [low, critical] = whole.findings;
  show({
    status: "completed",
    results: {
      ...whole,
      entities: [
        { ...person, rows: 9, risk_score: 12 },
        { ...ip, rows: 3, risk_score: 63.5 },
      ],
      findings: [
        { ...low, parts: [{ ...person, strength: 0.4, weight: 0.3 }] },
        { ...critical, parts: [ip, person].map((one) => ({ ...one, strength: 0.8, weight: 0.5 })) },
      ],
    },
  });
  expect(screen.getByText("Scored as IP address 192.0.2.1, the worst of 2 entities")).toBeTruthy();
  expect(screen.getByText(t.waterfall.hintOf("IP address 192.0.2.1"))).toBeTruthy();
  expect(screen.getByRole("button", { name: /Sentence a.*counts for user u_1 alone/ })).toBeTruthy();
  const grave = screen.getByRole("button", { name: /Sentence b/ });
  expect(grave.textContent).not.toMatch(/alone/);
  await user.click(grave);
  expect(screen.getByText(t.findings.counts).nextElementSibling?.textContent).toMatch(
    /^IP address 192\.0\.2\.1 .*40.*user u_1 .*40/,
  );
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
  ).toEqual([t.evidence.row, "Kunde", "amount"]);
  expect(screen.getByText(t.evidence.page("1", "1", "2"))).toBeTruthy();
  expect(screen.getByText(t.findings.unnamed("3"))).toBeTruthy();
});

test("on paper every finding but the low ones is open, and a row has columns for what fits and words for the rest", () => {
  const fields = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`field_${String(i).padStart(2, "0")}`, `value ${i}`]),
  );
  const wide = {
    ...finding("a", "device", "high"),
    evidence: [{ row: 1, fields }],
    evidence_rows: [1],
    evidence_total: 1,
  };
  const low = { ...wide, id: "b", severity: "low" as const };
  show({ status: "completed", results: { ...whole, findings: [wide, low] } });
  act(() => void window.dispatchEvent(new Event("beforeprint")));
  expect(screen.getByText(t.findings.lowOnPaper)).toBeTruthy();
  const table = screen.getByRole("region", { name: t.evidence.table });
  expect(within(table).getAllByRole("columnheader")).toHaveLength(8);
  expect(within(table).getByText(/^Field 07: value 7 · .*Field 11: value 11$/i)).toBeTruthy();
  act(() => void window.dispatchEvent(new Event("afterprint")));
  expect(screen.queryByRole("region", { name: t.evidence.table })).toBeNull();
});

test("checks that the run had no time for are told at once, with the limit", () => {
  const late = ["t1", "t2", "t3", "t4"].map((tool) => ({
    tool,
    agent: "network",
    code: "out_of_time",
    reason: "out of time: the run's limit of 3s was over",
  }));
  show({ status: "completed", results: { ...whole, partial: true, not_assessed: late } });
  expect(screen.getByText(t.notAssessed.checks(4))).toBeTruthy();
  expect(screen.getAllByText(/the run's limit of 3s was over/)).toHaveLength(1);
  expect(screen.getByText(/Completed in part: the time was over/)).toBeTruthy();
});

test("the address opens a finding and holds the filters", async () => {
  const user = userEvent.setup();
  const page = show({ status: "completed", results: whole }, "?finding=a");
  expect(screen.getByRole("button", { name: /Sentence a/ }).getAttribute("aria-expanded")).toBe("true");
  await user.click(screen.getByRole("button", { name: /Sentence a/ }));
  expect(page.place()).toBe("/investigations/inv-1/results");
  await user.click(screen.getByRole("button", { name: /Sentence a/ }));
  expect(page.place()).toBe("/investigations/inv-1/results?finding=a");
  await user.click(screen.getByRole("checkbox", { name: /Critical 1/ }));
  expect(page.place()).toBe("/investigations/inv-1/results?severity=critical");
  expect(screen.queryByRole("button", { name: /Sentence a/ })).toBeNull();
});

test("a list that decides is told with what it rests on, and the score hangs on the findings named", async () => {
  show({
    status: "completed",
    started_at: "2026-06-01T00:00:00.000Z",
    results: {
      ...whole,
      decision: { ruling: "block", by: "list", reason: 'user u_1 is on the list "Chargebacks" of known bad' },
      lists: [
        {
          list: "Chargebacks",
          kind: "bad",
          entity_type: "user_id",
          value: "u_1",
          direct: true,
          rows: [3, 4, 5],
          count: 40,
        },
      ],
      list_sources: [
        {
          name: "Chargebacks",
          kind: "bad",
          source: "Risk desk",
          source_date: "2026-01-31T00:00:00.000Z",
          sha256: "ab12",
          values: 1,
        },
      ],
      counterfactual: { threshold: 60, findings: ["b"], score: 12.2, exact: true },
    },
  });
  const head = screen.getByRole("region", { name: t.score.title });
  expect(within(head).getByText(t.decision.ruling.block)).toBeTruthy();
  const lists = screen.getByRole("region", { name: t.sections.lists });
  expect(lists.textContent).toContain("40 rows in scope: 3–5, …");
  expect(within(lists).getByText(/Risk desk, as of/)).toBeTruthy();
  expect(within(lists).getByText(t.lists.stale)).toBeTruthy();
  const provenance = screen.getByRole("region", { name: t.sections.provenance });
  expect(provenance.textContent).toMatch(
    /Chargebacks · Known bad, 1 value, from Risk desk, as of .*121 days old at the run.*ab12/,
  );
  const hangs = screen.getByRole("region", { name: t.hangs.title });
  expect(hangs.textContent).toContain(t.hangs.without(1, "12", "60"));
  expect(within(hangs).getByRole("link", { name: "Title b" }).getAttribute("href")).toMatch(/\?finding=b$/);
});

test("what was not assessed names its reason", async () => {
  show({ status: "completed", results: whole });
  const section = screen.getByRole("region", { name: t.sections.notAssessed });
  expect(within(section).getByText("The file has no asn")).toBeTruthy();
});

test("many reasons are folded to those that could add most, and all are told when asked for", async () => {
  const reasons = Array.from({ length: 13 }, (_, i) => ({
    tool: `t${i}`,
    agent: "network",
    code: i === 12 ? "no_list" : "no_column",
    reason: `no column ${i}`,
    could_add: i,
  }));
  show({ status: "completed", results: { ...whole, not_assessed: reasons } });
  const section = screen.getByRole("region", { name: t.sections.notAssessed });
  const told = () =>
    within(section)
      .getAllByText(/^No column \d+$/)
      .map(({ textContent }) => textContent);
  expect(told()).toEqual([12, 11, 10, 9, 8, 7, 6, 5].map((i) => `No column ${i}`));
  expect(within(section).getByRole("link", { name: t.notAssessed.lists }).getAttribute("href")).toBe(
    "/lists",
  );
  await userEvent.click(within(section).getByRole("button", { name: t.notAssessed.more(5) }));
  expect(told()).toHaveLength(13);
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
  expect(screen.getByText(t.none.yet)).toBeTruthy();
  expect(screen.getByRole("link", { name: t.toSettings })).toBeTruthy();
});

test("a cancelled run names the checks that told nothing, and does not say that nothing is linked", () => {
  show({
    status: "cancelled",
    results: { findings: whole.findings },
    progress: {
      ...sampleState().progress,
      tools: [
        {
          tool: "GEO-02",
          agent: "location",
          status: "completed",
          started_at: null,
          duration_ms: 1,
          outcome: "not_assessed",
          reason: "no latitude",
        },
        { tool: "GEO-03", agent: "location", status: "cancelled", started_at: null, duration_ms: null },
      ],
    },
  });
  expect(screen.getByText("No latitude")).toBeTruthy();
  expect(screen.getByText(t.notAssessed.unreached.cancelled)).toBeTruthy();
  expect(screen.getByText(t.links.unmade)).toBeTruthy();
  expect(screen.queryByText(t.links.none)).toBeNull();
});
