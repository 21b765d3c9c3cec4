import * as z from "zod";
import { apiUrl, get } from "./client";
import { evidenceRow } from "./results";
import { riskLevel, severity } from "./severity";
import { instant, list, orNull, prose, textOrEmpty } from "./shape";

const path = (id: string) => `/wizard/${encodeURIComponent(id)}`;

/** Rows of the data set by their numbers, of those that the results cite; at most 200. */
export const getRows = (id: string, rows: readonly number[], signal?: AbortSignal) =>
  get(`${path(id)}/rows?rows=${rows.join(",")}`, z.object({ items: list(evidenceRow) }), { signal }).then(
    (answer) => answer.items,
  );

/** Where the rows of a finding are handed out as a CSV file. */
export const evidenceUrl = (id: string, finding: string) =>
  apiUrl(`${path(id)}/findings/${encodeURIComponent(finding)}/evidence.csv`);

export const reportFormats = ["pdf", "html", "csv", "json"] as const;

/** Where the report of an investigation is handed out. */
export const reportUrl = (id: string, format: (typeof reportFormats)[number]) =>
  apiUrl(`${path(id)}/report.${format}`);

const check = z.object({
  tool: z.string(),
  version: z.number(),
  description: z.string(),
  reference: textOrEmpty,
  params: list(z.object({ name: z.string(), title: z.string(), default: z.number(), unit: textOrEmpty })),
  /** Empty where the check is not SQL. */
  sql: z.string(),
});

/** How a check finds what it finds. */
export const getCheck = (tool: string, signal?: AbortSignal) =>
  get(`/checks/${encodeURIComponent(tool)}`, check, { signal });

const rows = list(z.number());

const profile = z.object({
  type: z.string(),
  value: z.string(),
  rows: z.number(),
  first_at: orNull(instant),
  last_at: orNull(instant),
  amount_total: orNull(z.number()),
  amount_largest: orNull(z.number()),
  /** Of the amounts; of several there is neither total nor largest. */
  currencies: list(z.string()),
  refused: orNull(z.number()),
  /** How many values each identifier has in its rows, by column. */
  distinct: z.record(z.string(), z.number()),
});
export type Profile = z.infer<typeof profile>;

const sharedValue = z.object({
  a: z.number(),
  b: z.number(),
  column: z.string(),
  value: z.string(),
  rows_a: rows,
  rows_b: rows,
  count_a: z.number(),
  count_b: z.number(),
  accounts: z.number(),
});
export type SharedValue = z.infer<typeof sharedValue>;

const overview = z.object({
  entities: list(profile),
  shared: list(sharedValue),
  points: list(
    z.object({
      latitude: z.number(),
      longitude: z.number(),
      city: textOrEmpty,
      country: textOrEmpty,
      entities: list(z.number()),
      count: z.number(),
      rows,
    }),
  ),
  countries: list(z.object({ column: z.string(), country: z.string(), count: z.number(), rows })),
  columns: list(z.string()),
});
export type Overview = z.infer<typeof overview>;

/** What the entities look like in the data, what they share, and where their rows took place. */
export const getOverview = (id: string, signal?: AbortSignal) =>
  get(`${path(id)}/overview`, overview, { signal });

const side = z.object({
  investigation_id: z.string(),
  name: z.string(),
  status: z.string(),
  started_at: orNull(instant),
  risk_score: orNull(z.number()),
  risk_level: z.union([riskLevel, z.literal("")]),
  score_interval: orNull(z.object({ low: z.number(), high: z.number() })),
  findings: z.number(),
  dataset: orNull(z.object({ id: z.string(), name: z.string(), sha256: z.string(), rows: z.number() })),
  digest: textOrEmpty,
});
export type RunSide = z.infer<typeof side>;

const findingSide = z.object({
  id: z.string(),
  agent: z.string(),
  tool: z.string(),
  tool_version: z.number(),
  severity: z.union([severity, z.literal("")]),
  title: z.string(),
  sentence: prose,
  strength: z.number(),
  weight: z.number(),
  evidence_total: z.number(),
});
export type FindingSide = z.infer<typeof findingSide>;

const comparison = z.object({
  from: side,
  to: side,
  same_data: z.boolean(),
  /** `was` and `is` are values in words; empty: none. */
  settings: list(z.object({ path: z.string(), what: z.string(), was: z.string(), is: z.string() })),
  domains: list(
    z.object({
      agent: z.string(),
      from: orNull(z.number()),
      to: orNull(z.number()),
      assessed: z.tuple([z.number(), z.number()]),
    }),
  ),
  added: list(findingSide),
  gone: list(findingSide),
  changed: list(z.object({ from: findingSide, to: findingSide, fields: list(z.string()) })),
  same: z.number(),
  tools: list(
    z.object({ agent: z.string(), tool: z.string(), from: z.string(), to: z.string(), reason: textOrEmpty }),
  ),
});
export type Comparison = z.infer<typeof comparison>;

/** What two runs do not share. */
export const getComparison = (from: string, to: string, signal?: AbortSignal) =>
  get(`${path(from)}/compare/${encodeURIComponent(to)}`, comparison, { signal });
