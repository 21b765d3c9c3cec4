import * as z from "zod";
import { get } from "./client";
import { list, orNull, textOrEmpty } from "./shape";

const param = z.object({
  name: z.string(),
  title: z.string(),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  unit: textOrEmpty,
  reference: textOrEmpty,
});
export type Param = z.infer<typeof param>;

const tool = z.object({
  tool: z.string(),
  title: z.string(),
  description: textOrEmpty,
  /** Every group must be met by at least one of its columns. */
  needs: list(list(z.string())),
  params: list(param),
  assessable: z.boolean(),
  reason: orNull(z.string()),
});
export type Tool = z.infer<typeof tool>;

const agent = z.object({
  agent: z.string(),
  title: z.string(),
  description: textOrEmpty,
  /** A program outside of the server: its tools are asked only where they are named. */
  external: z.boolean().default(false),
  tools: list(tool),
});
export type Agent = z.infer<typeof agent>;

const catalogue = z.object({
  agents: list(agent),
  /** What the columns that tools need are called. */
  columns: list(z.object({ name: z.string(), title: z.string() })),
});

/** The agents and their tools, and what columns are called. */
export const getCatalogue = (signal?: AbortSignal) => get("/agents", catalogue, { signal });

/** The agents and their tools; with a data set, which of them can assess it and why not. */
export const getAgents = (dataset: string | undefined, signal?: AbortSignal) =>
  get(`/agents${dataset ? `?dataset=${encodeURIComponent(dataset)}` : ""}`, catalogue, { signal }).then(
    (answer) => answer.agents,
  );
