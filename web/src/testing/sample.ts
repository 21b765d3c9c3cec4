import { type Event, event } from "../api/event";
import { type Investigation, investigation } from "../api/investigation";

/** A draft as the server answers it, for tests. */
export function sampleState(change: Record<string, unknown> = {}): Investigation {
  return investigation.parse({
    investigation_id: "inv-1",
    user_id: "u1",
    name: "Case",
    wizard_step: "settings",
    step_history: [{ step: "settings", at: "2026-11-22T09:00:00.000Z" }],
    status: "draft",
    archived_at: null,
    settings: {
      entities: [],
      time_range: { preset: "all" },
      tool_matrix: [],
      correlation_mode: "OR",
      execution_mode: "parallel",
      risk_threshold: 60,
    },
    progress: {
      percent: 0,
      phase: "",
      phases: ["planning", "collection", "analysis", "correlation", "assessment"].map((id) => ({
        id,
        status: "pending",
        percent: 0,
        started_at: null,
        completed_at: null,
      })),
      agents: [],
      tools: [],
      findings: 0,
      log_lines: 0,
      eta_seconds: null,
      last_activity_at: null,
    },
    results: null,
    error: null,
    version: 1,
    created_at: "2026-11-22T09:00:00.000Z",
    updated_at: "2026-11-22T09:00:00.000Z",
    last_accessed: "2026-11-22T09:00:00.000Z",
    started_at: null,
    finished_at: null,
    lineage: {},
    edits: {},
    stale: false,
    ...change,
  });
}

/** An event as the server sends it, for tests. */
export function sampleEvent(
  seq: number,
  type: string,
  data: unknown,
  rest: Record<string, unknown> = {},
): Event {
  return event.parse({
    seq,
    at: new Date(Date.UTC(2026, 10, 22, 9, 0, seq)).toISOString(),
    type,
    actor: { kind: "user", id: "u1" },
    source: "user",
    data,
    ...rest,
  });
}
