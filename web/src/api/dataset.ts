import * as z from "zod";
import { get, put, sendOnly } from "./client";
import { instant, list, orNull, textOrEmpty } from "./shape";

const column = z.object({
  source: z.string(),
  /** The column of the canonical schema it was taken for; empty where none fits. */
  canonical: z.string(),
  /** 0..1; 1 where a person said so. */
  confidence: z.number(),
  kind: z.string(),
  /** Known outcome: set apart, no check reads it. */
  label: z.boolean(),
  nulls: z.number(),
  unreadable: z.number().default(0),
  /** Of times, in seconds: nearly all are whole minutes, hours or days. */
  step: z.number().nullish(),
  /** Of outcomes: what each value was taken for. */
  words: list(z.object({ value: z.string(), meaning: z.string(), said: z.boolean().default(false) })),
  samples: list(z.string()),
});
export type Column = z.infer<typeof column>;

/** A database of IP addresses that the operator gave. */
export const addressDatabase = z.object({ filename: z.string(), type: z.string(), built_at: instant });

export const dataset = z.object({
  id: z.string(),
  name: z.string(),
  filename: textOrEmpty,
  /** How it came, where nobody brought it by hand. */
  origin: textOrEmpty,
  rows: z.number(),
  rejected_rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  /** What a text was taken for that claims no encoding and is not UTF-8. */
  encoding: z.object({ name: z.string(), confidence: z.number(), examples: list(z.string()) }).nullish(),
  created_at: instant,
  first_event_at: orNull(instant),
  last_event_at: orNull(instant),
  columns: list(column),
  /** Canonical columns that were worked out from others. */
  derived: list(z.string()),
  /** Of addresses, from which derived columns come. */
  databases: list(addressDatabase),
  /** The files that were joined, that of the events first. */
  parts: list(
    z.object({
      filename: z.string(),
      sha256: z.string(),
      rows: z.number(),
      on: textOrEmpty,
      with: textOrEmpty,
      matched: z.number().default(0),
      unmatched: z.number().default(0),
      unused: z.number().default(0),
    }),
  ),
  /** What the user said of an earlier file with this header, as it was applied here. */
  remembered: z
    .object({
      shape: z.string(),
      filename: z.string(),
      columns: z.record(z.string(), z.string()),
      at: instant,
    })
    .nullish(),
  /** What a person said that values mean, by canonical column. */
  words: z.record(z.string(), z.record(z.string(), z.string())).nullish(),
  in_use: z.boolean(),
});
export type Dataset = z.infer<typeof dataset>;

const columnsPage = z.object({
  columns: list(column),
  canonical: list(z.object({ name: z.string(), title: z.string(), type: z.string() })),
  preview: list(
    z.object({
      row: z.number(),
      values: z.record(
        z.string(),
        z
          .string()
          .nullable()
          .transform((v) => v ?? ""),
      ),
    }),
  ),
});
export type ColumnsPage = z.infer<typeof columnsPage>;

const path = (id: string) => `/datasets/${encodeURIComponent(id)}`;

export const getDatasets = (signal?: AbortSignal) =>
  get("/datasets", z.object({ items: list(dataset) }), { signal }).then((answer) => answer.items);

export const getDataset = (id: string, signal?: AbortSignal) => get(path(id), dataset, { signal });

export const getColumns = (id: string, signal?: AbortSignal) =>
  get(`${path(id)}/columns`, columnsPage, { signal });

/** Says by hand which source column each canonical column is read from. */
export const setColumns = (
  id: string,
  mapping: Record<string, string>,
  words?: Record<string, Record<string, string>>,
) =>
  put(`${path(id)}/columns`, words ? { mapping, words } : { mapping }, dataset).then((answer) => answer.data);

/** The shapes of files of which the user said something that still holds. */
export const getShapes = (signal?: AbortSignal) =>
  get("/mappings", z.object({ items: list(z.object({ shape: z.string() })) }), { signal }).then((answer) =>
    answer.items.map(({ shape }) => shape),
  );

/** Forgets what the user said of files with one header. */
export const forgetMapping = (shape: string) =>
  sendOnly({ method: "DELETE", path: `/mappings/${encodeURIComponent(shape)}` });

export const deleteDataset = (id: string) => sendOnly({ method: "DELETE", path: path(id) });

const rejectedPage = z.object({
  items: list(z.object({ line: z.number(), reason: z.string(), text: z.string() })),
  total: z.number(),
});

/** The first rows that the import set aside, and why. */
export const getRejected = (id: string, signal?: AbortSignal) =>
  get(`${path(id)}/rejected`, rejectedPage, { signal });
