import * as z from "zod";
import { get } from "./client";
import { instant, list, textOrEmpty } from "./shape";

const logLine = z.object({
  /** Its place in the log of events. */
  seq: z.number().int(),
  /** Counts log lines from 1. */
  line: z.number().int(),
  at: instant,
  level: z.enum(["info", "warn", "error"]),
  agent: textOrEmpty,
  tool: textOrEmpty,
  message: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

const logPage = z.object({
  items: list(logLine),
  /** The seq to go on after. */
  next_cursor: z.number().int(),
  has_more: z.boolean(),
  /** Log lines in all. */
  total: z.number().int(),
});
export type LogPage = z.infer<typeof logPage>;

/** Log lines after the seq `cursor`, first to last. */
export const getLog = (id: string, cursor: number, limit: number, signal?: AbortSignal) =>
  get(`/wizard/${encodeURIComponent(id)}/logs?cursor=${cursor}&limit=${limit}`, logPage, { signal });
