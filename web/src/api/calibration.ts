import * as z from "zod";
import { get, send } from "./client";
import { instant, list, orNull, textOrEmpty } from "./shape";

const check = z.object({
  agent: z.string(),
  tool: z.string(),
  tool_version: z.number().int(),
  title: textOrEmpty,
  confirmed: z.number().int(),
  false_positive: z.number().int(),
  undecided: z.number().int(),
  /** Findings held to be right or wrong. */
  labelled: z.number().int(),
  /** What the check counts at full strength, 0..1. */
  weight: z.number(),
  /** Share of the labelled that were right. */
  precision: orNull(z.number()),
  /** 95 % interval of the precision, by Wilson's score. */
  interval: orNull(z.object({ low: z.number(), high: z.number() })),
  /** Null where there are too few verdicts for one. */
  suggested_weight: orNull(z.number()),
  reason: z.string(),
  /** What its findings bring about, and whether the verdicts speak for more. */
  promotion: z.object({ ruling: z.enum(["review", "block"]), proposed: z.boolean(), reason: z.string() }),
});
export type CheckCalibration = z.infer<typeof check>;

const weights = z.object({
  /** 0: none was accepted. */
  version: z.number().int(),
  at: z.optional(instant),
  by: textOrEmpty,
  reason: textOrEmpty,
  tools: z.record(z.string(), z.object({ tool_version: z.number().int(), weight: z.number() })).default({}),
  /** Checks whose findings block, with their version. */
  blocking: z.record(z.string(), z.number()).default({}),
});

const reliability = z.object({
  labelled: z.number().int(),
  /** How many verdicts the plot wants; with fewer it has no bins. */
  needed: z.number().int(),
  bins: list(
    z.object({
      from: z.number(),
      to: z.number(),
      labelled: z.number().int(),
      counted: z.number(),
      right: z.number(),
      interval: z.object({ low: z.number(), high: z.number() }),
    }),
  ),
  statement: z.string(),
});
export type Reliability = z.infer<typeof reliability>;

const calibration = z.object({ statement: z.string(), weights, items: list(check), reliability });
export type Calibration = z.infer<typeof calibration>;

/** How often the findings of each check were held to be right, and the weights that this suggests. */
export const getCalibration = (signal?: AbortSignal) => get("/calibration", calibration, { signal });

export type Acceptance = {
  /** Checks whose suggested weight is accepted. */
  tools: readonly string[];
  /** Checks whose findings are to block. */
  promote: readonly string[];
  /** Checks whose findings go back to review. */
  demote: readonly string[];
  reason: string;
};

/** Accepts what the verdicts suggest. `base` is the version of the weights that was looked at. */
export const acceptWeights = (chosen: Acceptance, base: number) =>
  send(
    { method: "POST", path: "/calibration/accept", body: { ...chosen, base_version: base } },
    weights,
  ).then((answer) => answer.data);
