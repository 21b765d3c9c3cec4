import * as z from "zod";
import { get, send } from "./client";
import { instant, list, orNull, textOrEmpty } from "./shape";

const backup = z.object({ file: z.string(), at: instant, bytes: z.number(), investigations: z.number() });

const adminStatus = z.object({
  database: z.object({
    kind: z.string(),
    schema: z.number(),
    size_bytes: z.number(),
    wal_bytes: z.number(),
  }),
  writes: z.object({
    mode: z.enum(["durable", "memory", "refused"]),
    since: orNull(instant),
    held_changes: z.number(),
    held_bytes: z.number(),
    error: textOrEmpty,
  }),
  backups: z.object({
    directory: z.string(),
    /** 0: none are scheduled. */
    every_hours: z.number(),
    keep: z.number(),
    last: orNull(backup),
    last_error: textOrEmpty,
    last_rehearsal: orNull(z.object({ at: instant, ok: z.boolean(), file: z.string(), detail: z.string() })),
    items: list(z.object({ file: z.string(), at: instant, bytes: z.number() })),
  }),
  retention: z.object({ max_age_days: z.number() }),
  audit: z.object({ size: z.number(), root: z.string(), signed_at: orNull(instant) }),
  queue: z.number(),
});
export type AdminStatus = z.infer<typeof adminStatus>;

export const getAdminStatus = (signal?: AbortSignal) => get("/admin/status", adminStatus, { signal });

/** Makes a backup now, and rehearses its restore. */
export const backUp = () =>
  send({ method: "POST", path: "/admin/backup", body: {} }, backup).then((answer) => answer.data);
