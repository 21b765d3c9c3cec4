import * as z from "zod";
import { instant, list, orNull, textOrEmpty } from "./shape";

export const verdicts = ["confirmed", "false_positive", "undecided"] as const;
const verdict = z.enum(verdicts);
export type Verdict = z.infer<typeof verdict>;

/** What people say of one finding. */
export const review = z.object({
  agent: z.string(),
  tool: z.string(),
  tool_version: z.number(),
  verdict: orNull(z.object({ verdict, reason: textOrEmpty, by: z.string(), at: instant })),
  notes: list(z.object({ seq: z.number(), text: z.string(), by: z.string(), at: instant })),
});
export type Review = z.infer<typeof review>;

/** One thing that a person said of a finding: a verdict, its withdrawal, or a note. */
export const reviewChange = z.object({
  finding_id: z.string(),
  agent: z.string(),
  tool: z.string(),
  tool_version: z.number(),
  verdict: verdict.optional(),
  reason: textOrEmpty,
  withdrawn: z.boolean().default(false),
  note: textOrEmpty,
});
export type ReviewChange = z.infer<typeof reviewChange>;
