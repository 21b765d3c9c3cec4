import { expect, test } from "vitest";
import { finding } from "../../api/results";
import {
  arrange,
  countSeverities,
  type FindingFilter,
  isNarrow,
  noFilter,
  readFilter,
  writeFilter,
} from "./findingFilter";

const found = (id: string, severity: string, strength: number, agent = "device", tool = "t1") =>
  finding.parse({ id, agent, tool, severity, title: id, sentence: id, strength, weight: 0.5, evidence: [] });

const all = [
  found("a", "low", 1),
  found("b", "critical", 0.2, "network", "t2"),
  found("c", "critical", 0.9),
  found("d", "medium", 0.5, "network"),
];
const none = noFilter;

test("the gravest stand first, then the strongest", () => {
  expect(arrange(all, none).map((f) => f.id)).toEqual(["c", "b", "d", "a"]);
});

test("narrows by severity, agent and check together", () => {
  const ids = (filter: Partial<FindingFilter>) => arrange(all, { ...none, ...filter }).map((f) => f.id);
  expect(ids({ severities: ["critical", "low"] })).toEqual(["c", "b", "a"]);
  expect(ids({ agent: "network" })).toEqual(["b", "d"]);
  expect(ids({ agent: "network", check: "t2" })).toEqual(["b"]);
  expect(ids({ agent: "payment" })).toEqual([]);
});

test("narrows by what was said of them", () => {
  const said = (verdict: "confirmed" | "false_positive" | null) => ({
    agent: "device",
    tool: "t1",
    tool_version: 1,
    verdict: verdict && { verdict, reason: "r", by: "ana", at: "2026-01-01T00:00:00Z" },
    notes: [],
  });
  const reviews = { a: said("confirmed"), b: said("false_positive"), c: said(null) };
  const ids = (verdict: FindingFilter["verdict"]) =>
    arrange(all, { ...none, verdict }, reviews).map((f) => f.id);
  expect(ids("confirmed")).toEqual(["a"]);
  expect(ids("false_positive")).toEqual(["b"]);
  expect(ids("open")).toEqual(["c", "d"]);
});

test("a filter goes through the address unchanged, and what is no severity is passed over", () => {
  const search = new URLSearchParams(
    "severity=critical,odd,low&agent=device&check=t1&verdict=open&finding=x&other=1",
  );
  const filter = readFilter(search);
  expect(filter).toEqual({ severities: ["critical", "low"], agent: "device", check: "t1", verdict: "open" });
  expect(isNarrow(filter)).toBe(true);
  const written = writeFilter(search, filter);
  expect(readFilter(written)).toEqual(filter);
  expect(written.get("other")).toBe("1");
  expect(written.has("finding")).toBe(false);
  expect(writeFilter(written, readFilter(new URLSearchParams())).toString()).toBe("other=1");
});

test("counts every severity, those without a finding too", () => {
  expect(countSeverities(all).map(({ severity, n }) => [severity, n])).toEqual([
    ["critical", 2],
    ["high", 0],
    ["medium", 1],
    ["low", 1],
  ]);
});
