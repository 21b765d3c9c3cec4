import type { Investigation } from "../../api/investigation";
import type { Finding } from "../../api/results";
import { type Verdict, verdicts } from "../../api/review";
import { type Severity, severities } from "../../api/severity";

/** Which findings are shown, as the address says it. Empty means all. */
export type FindingFilter = {
  severities: readonly Severity[];
  agent: string;
  check: string;
  verdict: Judged | "";
};

/** What was said of a finding; "open" where nobody has said. */
export type Judged = Verdict | "open";
export const judged: readonly Judged[] = ["open", ...verdicts];

export const noFilter: FindingFilter = { severities: [], agent: "", check: "", verdict: "" };

const judgedOf = (finding: Finding, reviews: Investigation["reviews"]): Judged =>
  reviews[finding.id]?.verdict?.verdict ?? "open";

const gravestFirst = [...severities].reverse();

/** Reads the filter out of an address; words that are no severity are passed over. */
export function readFilter(search: URLSearchParams): FindingFilter {
  const wanted = (search.get("severity") ?? "").split(",");
  return {
    severities: gravestFirst.filter((severity) => wanted.includes(severity)),
    agent: search.get("agent") ?? "",
    check: search.get("check") ?? "",
    verdict: judged.find((verdict) => verdict === search.get("verdict")) ?? "",
  };
}

/** Writes the filter into an address, leaving alone what else stands there. */
export function writeFilter(search: URLSearchParams, filter: FindingFilter): URLSearchParams {
  const next = new URLSearchParams(search);
  const put = (name: string, value: string) => (value ? next.set(name, value) : next.delete(name));
  put("severity", filter.severities.join(","));
  put("agent", filter.agent);
  put("check", filter.check);
  put("verdict", filter.verdict);
  next.delete("finding");
  return next;
}

export const isNarrow = (filter: FindingFilter) =>
  filter.severities.length > 0 || filter.agent !== "" || filter.check !== "" || filter.verdict !== "";

/** The findings that fit, the gravest first; among equals the strongest, and then as they were found. */
export function arrange(
  findings: readonly Finding[],
  filter: FindingFilter,
  reviews: Investigation["reviews"] = {},
): Finding[] {
  return findings
    .filter(
      (finding) =>
        (filter.severities.length === 0 || filter.severities.includes(finding.severity)) &&
        (filter.agent === "" || finding.agent === filter.agent) &&
        (filter.check === "" || finding.tool === filter.check) &&
        (filter.verdict === "" || judgedOf(finding, reviews) === filter.verdict),
    )
    .sort(
      (a, b) =>
        gravestFirst.indexOf(a.severity) - gravestFirst.indexOf(b.severity) ||
        b.strength * b.weight - a.strength * a.weight,
    );
}

/** How many findings there are of each severity, the gravest first. */
export function countSeverities(findings: readonly Finding[]): { severity: Severity; n: number }[] {
  return gravestFirst.map((severity) => ({
    severity,
    n: findings.filter((finding) => finding.severity === severity).length,
  }));
}
