import * as z from "zod";
import { get } from "./client";
import { entityType } from "./investigation";
import { list } from "./shape";

const preflight = z.object({
  /** Rows of the data set that the run would be about. */
  rows_in_scope: z.number(),
  /** How often each entity occurs in the file, where that could be counted. */
  entities: list(z.object({ type: entityType, value: z.string(), rows: z.number() })),
});
export type Preflight = z.infer<typeof preflight>;

/** What the server counts of the settings as they stand on it, without starting. */
export const getPreflight = (id: string, signal?: AbortSignal) =>
  get(`/wizard/${encodeURIComponent(id)}/preflight`, preflight, { signal });
