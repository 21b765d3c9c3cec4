import * as z from "zod";
import { addressDatabase } from "./dataset";
import { listKinds } from "./list";
import { riskLevel, severity } from "./severity";
import { instant, list, orNull, prose, textOrEmpty } from "./shape";
import { type Unended, unended } from "./status";

const entityRef = z.object({ type: z.string(), value: z.string() });
export type EntityRef = z.infer<typeof entityRef>;

export const evidenceRow = z.object({ row: z.number(), fields: z.record(z.string(), z.unknown()) });
export type EvidenceRow = z.infer<typeof evidenceRow>;

export const finding = z.object({
  id: z.string(),
  agent: z.string(),
  tool: z.string(),
  tool_version: z.number().default(1),
  group: textOrEmpty,
  severity,
  title: z.string(),
  sentence: prose,
  baseline: textOrEmpty,
  key: textOrEmpty,
  /** 0..1 */
  strength: z.number(),
  /** 0..1 */
  weight: z.number(),
  entities: list(entityRef),
  /** How many there are, transactions left out. */
  entities_total: z.number().default(0),
  /** In a case of several entities: those whose rows show it, and what it counts for each. */
  parts: list(entityRef.extend({ strength: z.number(), weight: z.number() })),
  numbers: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((n) => n ?? {}),
  evidence: list(evidenceRow),
  evidence_rows: list(z.number()),
  evidence_total: z.number().default(0),
  found_at: orNull(instant),
});
export type Finding = z.infer<typeof finding>;

const listHit = z.object({
  list: z.string(),
  kind: z.enum(["good", "bad", "note"]),
  entity_type: z.string(),
  value: z.string(),
  note: textOrEmpty,
  /** It is an investigated entity itself, not only something on its rows. */
  direct: z.boolean(),
  /** The first of the rows in scope that have it. */
  rows: list(z.number()),
  count: z.number(),
});
export type ListHit = z.infer<typeof listHit>;

export const results = z.object({
  risk_score: orNull(z.number()),
  risk_level: z.union([riskLevel, z.literal("")]).default(""),
  score_interval: orNull(z.object({ low: z.number(), high: z.number() })),
  domains: list(
    z.object({
      agent: z.string(),
      risk: orNull(z.number()),
      coverage: z.number(),
      assessed: z.number().default(0),
      tools: z.number().default(0),
    }),
  ),
  findings: list(finding),
  not_assessed: list(
    z.object({
      tool: z.string(),
      agent: textOrEmpty,
      title: textOrEmpty,
      /** Why, as a word for programs, such as column_missing. */
      code: textOrEmpty,
      reason: z.string(),
      /** What the results do not say because of it. */
      means: textOrEmpty,
      /** Points that the score would rise by if the check fired at full strength. */
      could_add: z.number().default(0),
      columns: list(z.string()),
    }),
  ),
  contributions: list(z.object({ tool: z.string(), agent: z.string(), points: z.number() })),
  timeline: list(
    z.object({
      at: instant,
      finding_id: z.string(),
      title: z.string(),
      severity,
      row: z.number(),
    }),
  ),
  graph: z
    .object({
      nodes: list(
        z.object({
          id: z.string(),
          type: z.string(),
          value: z.string(),
          primary: z.boolean().default(false),
          findings: z.number(),
        }),
      ),
      edges: list(
        z.object({ source: z.string(), target: z.string(), count: z.number(), rows: list(z.number()) }),
      ),
    })
    .nullish()
    .transform((graph) => graph ?? { nodes: [], edges: [] }),
  recommendations: list(z.string()),
  summary: textOrEmpty,
  dataset: orNull(
    z.object({
      id: z.string(),
      name: z.string(),
      sha256: z.string(),
      rows: z.number(),
      /** The files that were joined, where there are several. */
      parts: list(z.object({ filename: z.string(), sha256: z.string(), rows: z.number() })),
      /** Of addresses, from which columns were worked out. */
      databases: list(addressDatabase),
      /** The file's own name of each canonical column that was read from it. */
      columns: z.record(z.string(), z.string()).default({}),
    }),
  ),
  /** How often each investigated entity occurs in the file, and what it scores by itself. */
  entities: list(entityRef.extend({ rows: z.number(), risk_score: orNull(z.number()) })),
  /** The checks of the run, their versions and weights in force. */
  checks: list(
    z.object({
      tool: z.string(),
      agent: z.string(),
      title: textOrEmpty,
      version: z.number(),
      weight: z.number(),
      outcome: textOrEmpty,
    }),
  ),
  /** The fewest findings without which the score is below the threshold. */
  counterfactual: orNull(
    z.object({
      threshold: z.number(),
      findings: list(z.string()),
      score: z.number(),
      exact: z.boolean(),
    }),
  ),
  /** What of the rows in scope stands on lists. */
  lists: list(listHit),
  /** The lists that the checks asked: where each came from, and how old it was. */
  list_sources: list(
    z.object({
      name: z.string(),
      kind: z.enum(listKinds),
      source: z.string(),
      license: textOrEmpty,
      source_date: instant,
      sha256: z.string(),
      values: z.number(),
    }),
  ),
  /** What is to be done: lists decide first, then the score. */
  decision: orNull(
    z.object({
      ruling: z.enum(["allow", "block", "review", "pass"]),
      by: z.enum(["list", "check", "score", "finding"]),
      reason: z.string(),
    }),
  ),
  /** Version of the accepted weights that the run was under; 0: those that the checks came with. */
  weights: z.number().int().default(0),
  digest: textOrEmpty,
  partial: z.boolean().default(false),
});
export type Results = z.infer<typeof results>;

/** The gravest reason for which a run is complete in part only; null where every check came to an end. */
export const partialBy = ({ partial, not_assessed }: Results): Unended | null =>
  partial ? (unended.find((why) => not_assessed.some(({ code }) => code === why)) ?? "not_reached") : null;
