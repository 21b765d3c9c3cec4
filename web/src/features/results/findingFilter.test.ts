import { expect, test } from "vitest";
import { finding } from "../../api/results";
import {
  arrange,
  countSeverities,
  type FindingFilter,
  isNarrow,
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
const none: FindingFilter = { severities: [], agent: "", check: "" };

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

test("a filter goes through the address unchanged, and what is no severity is passed over", () => {
  const search = new URLSearchParams("severity=critical,odd,low&agent=device&check=t1&finding=x&other=1");
  const filter = readFilter(search);
  expect(filter).toEqual({ severities: ["critical", "low"], agent: "device", check: "t1" });
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
