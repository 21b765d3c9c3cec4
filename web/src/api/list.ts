import * as z from "zod";
import { get } from "./client";
import { instant, list, textOrEmpty } from "./shape";

const known = z.object({
  id: z.string(),
  name: z.string(),
  source: z.string(),
  license: textOrEmpty,
  /** As of when its source says it is. */
  source_date: instant,
  imported_by: textOrEmpty,
  stale: z.boolean(),
});

/** The lists of known entities, and where they came from. */
export const getLists = (signal?: AbortSignal) =>
  get("/lists", z.object({ items: list(known) }), { signal }).then((answer) => answer.items);
