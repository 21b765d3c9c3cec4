import * as z from "zod";
import type { acts } from "./acts";
import { put, send, sendConditional } from "./client";
import { entity } from "./entity";
import { results } from "./results";
import { review } from "./review";
import { instant, list, orNull, textOrEmpty } from "./shape";
import { type Status, type Step, status, step } from "./status";

export const rangePresets = ["last_7d", "last_30d", "last_90d", "last_365d", "all"] as const;
export const timeRange = z.object({
  preset: z.enum(rangePresets).optional(),
  start: z.optional(instant),
  end: z.optional(instant),
});
export type TimeRange = z.infer<typeof timeRange>;
export type RangePreset = (typeof rangePresets)[number];

export const toolChoice = z.object({
  agent: z.string(),
  tool: z.string(),
  enabled: z.boolean(),
  params: z.record(z.string(), z.number()).optional(),
});
export type ToolChoice = z.infer<typeof toolChoice>;

export const scoreForms = ["noisy_or", "weighted_sum", "any_critical"] as const;

/** How findings add up. The server leaves out what is no other than usual. */
export const scoring = z.object({
  form: z.enum(scoreForms).default("noisy_or"),
  /** 0..1, what an agent's findings count in the whole; 1 where absent. */
  agent_weights: z
    .record(z.string(), z.number())
    .nullish()
    .transform((weights) => weights ?? {}),
});
export type Scoring = z.infer<typeof scoring>;

export const settings = z.object({
  dataset: z.string().optional(),
  entities: list(entity),
  time_range: timeRange,
  tool_matrix: list(toolChoice),
  correlation_mode: z.enum(["OR", "AND"]),
  execution_mode: z.enum(["parallel", "sequential"]),
  risk_threshold: z.number(),
  scoring: scoring.prefault({}),
});
export type Settings = z.infer<typeof settings>;

export const phases = ["planning", "collection", "analysis", "correlation", "assessment"] as const;
const phase = z.enum(phases);

const workStatus = z.enum(["pending", "running", "completed", "failed", "cancelled"]);
export type WorkStatus = z.infer<typeof workStatus>;

export const phaseProgress = z.object({
  id: phase,
  status: workStatus,
  percent: z.number(),
  started_at: orNull(instant),
  completed_at: orNull(instant),
});

export const agentProgress = z.object({
  agent: z.string(),
  status: workStatus,
  percent: z.number(),
  tools_total: z.number(),
  tools_done: z.number(),
  findings: z.number(),
  risk: orNull(z.number()),
  started_at: orNull(instant),
  completed_at: orNull(instant),
});
export type AgentProgress = z.infer<typeof agentProgress>;

export const toolProgress = z.object({
  tool: z.string(),
  agent: z.string(),
  status: workStatus,
  started_at: orNull(instant),
  duration_ms: orNull(z.number()),
  outcome: z.enum(["fired", "clear", "not_assessed", "failed"]).optional(),
  /** Why it did not assess, as a word for programs. */
  code: z.string().optional(),
  reason: z.string().optional(),
  error: z.string().optional(),
});
export type ToolProgress = z.infer<typeof toolProgress>;

export const progress = z.object({
  percent: z.number(),
  /** Empty before the first run. */
  phase: z.union([phase, z.literal("")]),
  phases: list(phaseProgress),
  agents: list(agentProgress),
  tools: list(toolProgress),
  findings: z.number(),
  log_lines: z.number(),
  eta_seconds: orNull(z.number()),
  last_activity_at: orNull(instant),
});
export type Progress = z.infer<typeof progress>;

export const priorities = ["low", "normal", "high"] as const;
/** How urgent a run is among those that wait. */
export type Priority = (typeof priorities)[number];

export const runError = z.object({ code: z.string(), message: z.string(), at: instant });

const edit = z.object({ version: z.number().int(), by: z.string(), at: instant });

export const investigation = z.object({
  investigation_id: z.string(),
  user_id: z.string(),
  name: z.string(),
  wizard_step: step,
  step_history: list(z.object({ step, at: instant })),
  status,
  archived_at: orNull(instant),
  settings,
  progress,
  results: orNull(results),
  /** What people say of the findings, by their id. */
  reviews: z
    .record(z.string(), review)
    .nullish()
    .transform((reviews) => reviews ?? {}),
  /** Who is asked to review the findings. */
  assignee: textOrEmpty,
  /** Whether everybody of the organisation may read it. */
  shared: z.boolean().default(false),
  error: orNull(runError),
  version: z.number().int(),
  created_at: instant,
  updated_at: instant,
  last_accessed: orNull(instant),
  started_at: orNull(instant),
  finished_at: orNull(instant),
  /** Of its run, as it was started. */
  priority: z.enum(priorities).default("normal"),
  lineage: z.object({ template_id: textOrEmpty, rerun_of: textOrEmpty }),
  /** Who last changed each editable field: "name", "wizard_step", "settings.<field>". */
  edits: z
    .record(z.string(), edit)
    .nullish()
    .transform((edits) => edits ?? {}),
  stale: z.boolean().default(false),
});
export type Investigation = z.infer<typeof investigation>;

/** What a person edits in the wizard. */
export type Draft = { name: string; wizard_step: Step; settings: Settings };

const path = (id: string) => `/wizard/${encodeURIComponent(id)}`;

/** A state, and how far the log that it adds up to is committed: below its version where the server holds the rest in memory. */
export type Versioned = { state: Investigation; durable: number };

/** The tags of states that the server held in memory only: after a crash another change may have their number. */
const heldTags = new Map<string, string>();
const place = (id: string, version: number) => `${id} ${version}`;

/** Reads the entity tag of a state: "18", or "18.16.1764140581207" where 18, of that time, is durable up to 16. */
const durableOf = (tag: string | null, { investigation_id: id, version }: Investigation) => {
  const held = /^"\d+\.(\d+)\.\d+"$/.exec(tag ?? "")?.[1];
  if (tag === null || held === undefined) return version;
  heldTags.set(place(id, version), tag);
  return Number(held);
};

/** A change's answer is the whole state after it. */
export const versioned = ({ data, headers }: { data: Investigation; headers: Headers }): Versioned => ({
  state: data,
  durable: durableOf(headers.get("ETag"), data),
});

export async function getInvestigation(id: string, signal?: AbortSignal): Promise<Versioned> {
  return versioned(await send({ method: "GET", path: `${path(id)}/state`, signal }, investigation));
}

/** Asks for the state, unless `known`, the tag of an earlier answer, still names it. */
export async function getIfNewer(id: string, known: string | null, signal?: AbortSignal) {
  const { data, headers } = await sendConditional(
    {
      method: "GET",
      path: `${path(id)}/state`,
      headers: known ? { "If-None-Match": known } : {},
      signal,
    },
    investigation,
  );
  const tag = headers.get("ETag");
  return { answer: data && { state: data, durable: durableOf(tag, data) }, tag };
}

export const createInvestigation = (body: { name: string; settings?: Settings; template_id?: string }) =>
  send({ method: "POST", path: "/investigations", body }, investigation).then(versioned);

/**
 * Saves a draft. `ifMatch` is the version that the draft was made from: a newer one on the
 * server is a 412 ApiError that carries `current`. The answer's `durable` is false where the
 * server holds the save in memory only.
 */
export async function saveDraft(id: string, draft: Draft, ifMatch: number, keepalive = false) {
  const answer = await put(`${path(id)}/state`, draft, investigation, {
    headers: { "If-Match": heldTags.get(place(id, ifMatch)) ?? `"${ifMatch}"` },
    keepalive,
  });
  return { saved: versioned(answer), durable: answer.status !== 202 };
}

/** What people do with a run that was started. */
export type Act = Exclude<(typeof acts)[Status][number], "start">;

/** Begins the run. */
export const start = (id: string, priority: Priority) =>
  send({ method: "POST", path: `${path(id)}/start`, body: { priority } }, investigation).then(versioned);

/** Drives the run. An act that the status forbids is a 409 ApiError with code "illegal_transition". */
export const drive = (id: string, act: Act) =>
  send({ method: "POST", path: `${path(id)}/${act}`, body: {} }, investigation).then(versioned);
