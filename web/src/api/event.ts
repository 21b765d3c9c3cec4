import * as z from "zod";
import { entity } from "./entity";
import {
  agentProgress,
  phaseProgress,
  priorities,
  progress,
  runError,
  scoring,
  settings,
  timeRange,
  toolChoice,
  toolProgress,
} from "./investigation";
import { finding, results } from "./results";
import { reviewChange } from "./review";
import { instant, list, orNull, textOrEmpty } from "./shape";
import { status, step } from "./status";

const settingsPatch = z.object({
  dataset: z.string().optional(),
  entities: z.array(entity).optional(),
  time_range: timeRange.optional(),
  tool_matrix: z.array(toolChoice).optional(),
  correlation_mode: settings.shape.correlation_mode.optional(),
  execution_mode: settings.shape.execution_mode.optional(),
  risk_threshold: z.number().optional(),
  scoring: scoring.optional(),
});

const conflict = z.object({
  overwrote_version: z.number(),
  by: z.string(),
  at: instant,
  fields: list(z.string()),
});

const logLevel = z.enum(["info", "warn", "error"]);

const nothing = z.unknown().transform(() => null);

const envelope = {
  seq: z.number().int().positive(),
  at: instant,
  actor: z.object({ kind: z.string(), id: textOrEmpty, name: textOrEmpty }),
  source: z.string(),
  /** False where the server holds the event in memory only. */
  durable: z.boolean().default(true),
};

const of = <T extends string, S extends z.ZodType>(type: T, data: S) =>
  z.object({ ...envelope, type: z.literal(type), data });

const known = z.discriminatedUnion("type", [
  of(
    "investigation.created",
    z.object({
      name: z.string(),
      user_id: z.string(),
      settings,
      lineage: z.object({ template_id: textOrEmpty, rerun_of: textOrEmpty }),
    }),
  ),
  of(
    "settings.changed",
    z.object({
      name: z.string().optional(),
      settings: settingsPatch.nullish(),
      assignee: z.string().optional(),
      shared: z.boolean().optional(),
    }),
  ),
  of("step.changed", z.object({ step })),
  of(
    "status.changed",
    z.object({
      from: status,
      to: status,
      act: z.string(),
      error: orNull(runError),
      priority: z.enum(priorities).default("normal"),
    }),
  ),
  of(
    "phase.changed",
    z.object({
      phase: phaseProgress.shape.id,
      status: phaseProgress.shape.status,
      percent: z.number(),
    }),
  ),
  of("agent.changed", agentProgress.omit({ started_at: true, completed_at: true })),
  of("tool.changed", toolProgress.omit({ started_at: true })),
  of("progress.changed", progress.pick({ percent: true, phase: true, eta_seconds: true })),
  of(
    "log.appended",
    z.object({ level: logLevel, agent: textOrEmpty, tool: textOrEmpty, message: z.string() }),
  ),
  of("finding.added", z.object({ finding })),
  of("results.changed", z.object({ results: results.optional(), review: reviewChange.optional() })),
  of("checkpoint.created", z.object({ label: z.string() })),
  of(
    "checkpoint.restored",
    z.object({
      label: z.string(),
      name: z.string(),
      wizard_step: step,
      status,
      settings,
      progress,
      results: orNull(results),
      error: orNull(runError),
      started_at: orNull(instant),
      finished_at: orNull(instant),
    }),
  ),
  of("conflict.detected", conflict),
  of("investigation.archived", nothing),
  of("investigation.unarchived", nothing),
]);

/** An event of a type that this version of the app cannot fold: the whole state must be fetched. */
const unknown = z.object({
  ...envelope,
  type: z.string().transform(() => "unknown" as const),
  data: nothing,
});

const knownTypes: ReadonlySet<string> = new Set(
  known.options.flatMap((option) => [...option.shape.type.values]),
);
const typeOf = z.object({ type: z.string() });

/** One entry of an investigation's log. */
export const event = z.unknown().transform((value, context) => {
  const type = typeOf.safeParse(value);
  const schema = type.success && knownTypes.has(type.data.type) ? known : unknown;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    context.addIssue({ code: "custom", message: issue.message, path: issue.path });
  }
  return z.NEVER;
});
export type Event = z.infer<typeof event>;
