import * as z from "zod";
import type { Investigation } from "../api/investigation";
import type { Finding } from "../api/results";
import { severities } from "../api/severity";
import { instant } from "../api/shape";

const visit = z.object({ version: z.number().int(), at: instant });
/** How far a person had seen an investigation, at the server's time. */
export type Visit = z.infer<typeof visit>;

const keyOf = (user: string, id: string) => `olorin-seen/${user}/${id}`;
/** Past this many investigations the longest unseen are forgotten. */
const remembered = 200;

/** How far this person had seen the investigation in this browser; null where that is not known. */
export function lastVisit(user: string, id: string): Visit | null {
  try {
    const parsed = visit.safeParse(JSON.parse(localStorage.getItem(keyOf(user, id)) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Remembers how far it has been seen. */
export function seen(user: string, { investigation_id, version, updated_at }: Investigation) {
  try {
    const key = keyOf(user, investigation_id);
    localStorage.setItem(key, JSON.stringify({ version, at: updated_at }));
    const all = Object.keys(localStorage).filter((k) => k.startsWith("olorin-seen/"));
    const at = (k: string) => localStorage.getItem(k)?.match(/"at":"([^"]*)"/)?.[1] ?? "";
    all.sort((a, b) => at(b).localeCompare(at(a)));
    for (const old of all.slice(remembered)) if (old !== key) localStorage.removeItem(old);
  } catch {
    // full or refused: then the next visit begins without a summary
  }
}

/** What happened to an investigation since it was last seen. */
export type News = {
  /** Who changed which fields, the latest first. */
  edits: { by: string; fields: string[]; at: string }[];
  started: string | null;
  /** When the run ended; how, says the status. */
  finished: string | null;
  checks: number;
  /** The gravest first. */
  findings: Finding[];
};

/** What of a state is newer than a visit; null where nothing is. Where the visit has no version (0), its time decides. */
export function newsSince(state: Investigation, since: Visit): News | null {
  const after = (at: string | null) => at !== null && Date.parse(at) > Date.parse(since.at);
  const byAuthor = new Map<string, { by: string; fields: string[]; at: string }>();
  for (const [field, edit] of Object.entries(state.edits)) {
    const old = since.version === 0 ? !after(edit.at) : edit.version <= since.version;
    if (old || field === "wizard_step") continue;
    const known = byAuthor.get(edit.by) ?? { by: edit.by, fields: [], at: edit.at };
    known.fields.push(field);
    if (edit.at > known.at) known.at = edit.at;
    byAuthor.set(edit.by, known);
  }
  const news: News = {
    edits: [...byAuthor.values()].sort((a, b) => b.at.localeCompare(a.at)),
    started: after(state.started_at) ? state.started_at : null,
    finished: after(state.finished_at) ? state.finished_at : null,
    checks: state.progress.tools.filter(
      (tool) =>
        tool.started_at !== null &&
        tool.duration_ms !== null &&
        after(new Date(Date.parse(tool.started_at) + tool.duration_ms).toISOString()),
    ).length,
    findings: (state.results?.findings ?? [])
      .filter((finding) => after(finding.found_at))
      .sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity)),
  };
  const nothing =
    news.edits.length === 0 &&
    !news.started &&
    !news.finished &&
    news.checks === 0 &&
    news.findings.length === 0;
  return nothing ? null : news;
}
