import * as z from "zod/mini";
import { get, getText, send, sendOnly } from "./client";
import { entityType } from "./entity";
import type { Settings } from "./investigation";
import { riskLevel } from "./severity";
import { instant, list, orNull, textOrEmpty } from "./shape";
import { status, step, unended } from "./status";

export const whose = ["mine", "assigned", "shared"] as const;
/** One's own investigations (an auditor's are everybody's), those one is asked to review, or those that colleagues share. */
export type Whose = (typeof whose)[number];

const historyItem = z.object({
  investigation_id: z.string(),
  name: z.string(),
  status,
  /** Of a completed run of which not every check came to an end: the gravest reason. */
  partial: orNull(z.enum(unended)),
  wizard_step: step,
  risk_score: orNull(z.number()),
  risk_level: z.pipe(
    z.nullish(z.union([riskLevel, z.literal("")])),
    z.transform((level) => level || null),
  ),
  entity_count: z.number(),
  entity_types: list(entityType),
  percent: z._default(z.number(), 0),
  created_at: instant,
  started_at: orNull(instant),
  finished_at: orNull(instant),
  updated_at: instant,
  duration_ms: orNull(z.number()),
  archived_at: orNull(instant),
  version: z.int(),
  /** When it will be removed; null while it is not over and archived. */
  kept_until: orNull(instant),
  /** Whose it is. */
  user_id: z._default(z.string(), ""),
  /** Who is asked to review it. */
  assignee: textOrEmpty,
  shared: z._default(z.boolean(), false),
});
export type HistoryItem = z.infer<typeof historyItem>;

const historyPage = z.object({
  items: list(historyItem),
  page: z.number(),
  limit: z.number(),
  total: z.number(),
  total_pages: z.number(),
  next_cursor: z.pipe(
    z.nullish(z.string()),
    z.transform((cursor) => cursor || null),
  ),
});
export type HistoryPage = z.infer<typeof historyPage>;

/** The list of investigations. `query` holds the filters of the contract's History, as they stand in the URL. */
export const getHistory = (query: URLSearchParams, signal?: AbortSignal) =>
  get(`/wizard/history?${query}`, historyPage, { signal });

const put = z.object({
  archived: list(z.string()),
  refused: list(z.object({ investigation_id: z.string(), detail: z.string() })),
});

/** How many are put away, brought back or exported by one request that names them. */
const atOnce = 200;

/** Puts several away or brings them back; those that are refused keep no other from it. */
export async function setArchived(ids: readonly string[], archived: boolean) {
  const outcome: z.infer<typeof put> = { archived: [], refused: [] };
  for (let i = 0; i < ids.length; i += atOnce) {
    const part = await send(
      {
        method: "POST",
        path: `/wizard/history/${archived ? "archive" : "unarchive"}`,
        body: { ids: ids.slice(i, i + atOnce) },
      },
      put,
    );
    outcome.archived.push(...part.data.archived);
    outcome.refused.push(...part.data.refused);
  }
  return outcome;
}

/** The list as the text of a CSV file, every page of it. `query` is as of getHistory; `ids` are those wanted alone. */
export async function exportHistory(query: URLSearchParams, ids: readonly string[] = []) {
  const asked = new URLSearchParams(query);
  for (const name of ["page", "limit", "cursor"]) asked.delete(name);
  let file = "";
  for (let i = 0; i === 0 || i < ids.length; i += atOnce) {
    if (ids.length > 0) asked.set("ids", ids.slice(i, i + atOnce).join(","));
    const part = await getText(`/wizard/history/export?${asked}`);
    file += i === 0 ? part : part.slice(part.indexOf("\n") + 1); // one heading
  }
  return file;
}

/** Drives the run of a row of the list, which is asked for again afterwards. */
export const driveRow = (id: string, act: "retry" | "cancel") =>
  sendOnly({ method: "POST", path: `/wizard/${encodeURIComponent(id)}/${act}`, body: {} });

/** Throws a draft away in which nothing was entered; any other is refused. */
export const discardDraft = (id: string) =>
  sendOnly({ method: "DELETE", path: `/wizard/history/${encodeURIComponent(id)}` });

/** Has one back that was thrown away. */
export const restoreDraft = ({ investigation_id: id, name }: HistoryItem, settings: Settings) =>
  sendOnly({ method: "PUT", path: `/wizard/${encodeURIComponent(id)}/state`, body: { name, settings } });

/** Runs the same settings again as a new investigation; returns its id. */
export const rerun = (id: string) =>
  send(
    { method: "POST", path: `/wizard/${encodeURIComponent(id)}/rerun`, body: {} },
    z.object({ investigation_id: z.string() }),
  ).then((answer) => answer.data.investigation_id);
