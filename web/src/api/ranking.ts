import * as z from "zod";
import { get } from "./client";
import { type EntityType, entityType } from "./entity";
import { list, prose } from "./shape";

const ranking = z.object({
  by: entityType,
  /** How many there are; items are the first of them. */
  total: z.number(),
  items: list(
    z.object({
      entity: z.string(),
      /** 0..100, as in a case on that entity alone. */
      risk_score: z.number(),
      /** Strongest first. */
      checks: list(z.object({ tool: z.string(), strength: z.number(), sentence: prose })),
    }),
  ),
  not_assessed: list(z.object({ tool: z.string(), reason: z.string() })),
});
export type Ranking = z.infer<typeof ranking>;

/** Every entity of a file by risk, highest first. It asks every check of the whole file, which takes up to 90 seconds. */
export const getRanking = (dataset: string, by: EntityType, limit: number, signal?: AbortSignal) =>
  get(`/datasets/${encodeURIComponent(dataset)}/ranking?by=${by}&limit=${limit}`, ranking, { signal });
