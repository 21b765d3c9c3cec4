import * as z from "zod";
import { get, send, sendOnly } from "./client";
import { entityType, status, step } from "./investigation";
import { riskLevel } from "./results";
import { instant, list, orNull } from "./shape";

const historyItem = z.object({
  investigation_id: z.string(),
  name: z.string(),
  status,
  wizard_step: step,
  risk_score: orNull(z.number()),
  risk_level: z
    .union([riskLevel, z.literal("")])
    .nullish()
    .transform((level) => level || null),
  entity_count: z.number(),
  entity_types: list(entityType),
  percent: z.number().default(0),
  created_at: instant,
  started_at: orNull(instant),
  finished_at: orNull(instant),
  updated_at: instant,
  duration_ms: orNull(z.number()),
  archived_at: orNull(instant),
  version: z.number().int(),
});
export type HistoryItem = z.infer<typeof historyItem>;

const historyPage = z.object({
  items: list(historyItem),
  page: z.number(),
  limit: z.number(),
  total: z.number(),
  total_pages: z.number(),
  next_cursor: z
    .string()
    .nullish()
    .transform((cursor) => cursor || null),
});
export type HistoryPage = z.infer<typeof historyPage>;

/** The list of investigations. `query` holds the filters of the contract's History, as they stand in the URL. */
export const getHistory = (query: URLSearchParams, signal?: AbortSignal) =>
  get(`/wizard/history?${query}`, historyPage, { signal });

export const setArchived = (id: string, archived: boolean) =>
  sendOnly({
    method: "POST",
    path: `/wizard/history/${encodeURIComponent(id)}/${archived ? "archive" : "unarchive"}`,
    body: {},
  });

/** Runs the same settings again as a new investigation; returns its id. */
export const rerun = (id: string) =>
  send(
    { method: "POST", path: `/wizard/${encodeURIComponent(id)}/rerun`, body: {} },
    z.object({ investigation_id: z.string() }),
  ).then((answer) => answer.data.investigation_id);
