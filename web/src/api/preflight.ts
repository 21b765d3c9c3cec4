import * as z from "zod";
import { get } from "./client";
import { entityType } from "./entity";
import { fault, sentence } from "./problem";
import { list } from "./shape";

export const preflight = z
  .object({
    /** What keeps the settings from being started. */
    faults: list(
      z.pipe(
        fault,
        z.transform((f) => ({ ...f, detail: sentence(f.detail) })),
      ),
    ),
    /** What a start would be taken with, and should be known. */
    warnings: list(
      z.pipe(
        fault,
        z.transform((f) => ({ ...f, detail: sentence(f.detail) })),
      ),
    ),
    /** Rows of the data set that the run would be about. */
    rows_in_scope: z.number(),
    /** How often each entity occurs in the file; empty where nothing was counted, the rows in scope neither. */
    entities: list(z.object({ type: entityType, value: z.string(), rows: z.number() })),
  })
  .transform(({ faults, warnings, rows_in_scope, entities }) => ({
    rows: entities.length > 0 ? rows_in_scope : null,
    faults,
    warnings,
    entities,
  }));
/** `rows` is null where nothing was counted. */
export type Preflight = z.infer<typeof preflight>;

/** What the server counts of the settings as they stand on it, without starting. */
export const getPreflight = (id: string, signal?: AbortSignal) =>
  get(`/wizard/${encodeURIComponent(id)}/preflight`, preflight, { signal });
