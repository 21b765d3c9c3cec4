import * as z from "zod";
import { get } from "./client";
import { instant, list } from "./shape";

const refusedFile = z.object({ filename: z.string(), at: instant, reasons: list(z.string()) });

/** Files of the watched directory that could not be read, the newest first. */
export const getRefused = (signal?: AbortSignal) =>
  get("/datasets/refused", z.object({ items: list(refusedFile) }), { signal }).then((answer) => answer.items);
