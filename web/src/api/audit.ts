import * as z from "zod";
import { get } from "./client";
import { instant, list, textOrEmpty } from "./shape";

const entry = z.object({
  number: z.number().int(),
  at: instant,
  actor: z.object({ kind: z.string(), id: textOrEmpty }),
  /** Where the actor came from, such as an address. */
  origin: textOrEmpty,
  source: z.string(),
  action: z.string(),
  investigation_id: textOrEmpty,
  version_before: z.number().int(),
  version_after: z.number().int(),
  text: z.string(),
});
export type AuditEntry = z.infer<typeof entry>;

const page = z.object({ items: list(entry), next_cursor: z.number().int(), has_more: z.boolean() });
export type AuditPage = z.infer<typeof page>;

/** The trail of one investigation, first to last, after the entry `cursor`. */
export const getTrail = (id: string, cursor: number, signal?: AbortSignal) =>
  get(`/wizard/${encodeURIComponent(id)}/audit?cursor=${cursor}&limit=1000`, page, { signal });

/** The trail of everything, newest first, for auditors and admins. `query` holds actor, action, from and to. */
export const getWholeTrail = (query: URLSearchParams, cursor: number, signal?: AbortSignal) => {
  const all = new URLSearchParams(query);
  all.set("cursor", String(cursor));
  all.set("limit", "200");
  all.set("newest", "true");
  return get(`/audit?${all}`, page, { signal });
};
