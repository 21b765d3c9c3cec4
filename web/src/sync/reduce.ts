import type { Event } from "../api/event";
import type { Investigation, Progress, WorkStatus } from "../api/investigation";
import { phases } from "../api/investigation";
import type { Results } from "../api/results";
import type { ReviewChange } from "../api/review";
import type { Step } from "../api/status";
import { draftFields } from "./draft";

type Reviews = Investigation["reviews"];

const stepHistoryMax = 100;

/**
 * The state after the event. Mirrors the server's fold: state at N plus events N+1..M equals the
 * server's state at M. Total, and changes nothing it was given. An event of an unknown type
 * cannot be folded; merge asks for the whole state instead.
 */
export function reduce(state: Investigation, event: Event): Investigation {
  const next = { ...state, version: event.seq, updated_at: event.at };
  switch (event.type) {
    case "investigation.created":
      return {
        ...next,
        name: event.data.name,
        user_id: event.data.user_id,
        settings: event.data.settings,
        lineage: event.data.lineage,
        status: "draft",
        wizard_step: "settings",
        step_history: [{ step: "settings", at: event.at }],
        progress: newProgress(),
        edits: {},
        created_at: event.at,
      };
    case "settings.changed": {
      const edit = { version: event.seq, by: event.actor.id, at: event.at };
      const edits = { ...state.edits };
      if (event.data.name !== undefined) {
        next.name = event.data.name;
        edits.name = edit;
      }
      if (event.data.assignee !== undefined) next.assignee = event.data.assignee;
      if (event.data.shared !== undefined) next.shared = event.data.shared;
      const patch = event.data.settings;
      if (patch) {
        next.settings = { ...state.settings, ...patch };
        for (const field of Object.keys(patch)) edits[`settings.${field}`] = edit;
      }
      return { ...next, edits };
    }
    case "step.changed":
      return stepped(next, event, event.data.step);
    case "status.changed": {
      const { to, act, error } = event.data;
      next.status = to;
      next.error = error;
      let progress = state.progress;
      if (act === "start") {
        progress = newProgress();
        next.results = null;
        next.priority = event.data.priority;
        next.started_at = event.at;
        next.finished_at = null;
      } else if (act === "retry") {
        next.finished_at = null;
        progress = reopen(progress);
        if (event.data.from === "completed") {
          progress = { ...progress, percent: 0 };
          next.results = state.results && { ...noResults, findings: state.results.findings };
        }
      }
      if (terminal(to)) {
        next.finished_at = event.at;
        progress = { ...progress, eta_seconds: null };
      }
      return { ...next, progress: { ...progress, last_activity_at: event.at } };
    }
    case "phase.changed": {
      const { phase, status, percent } = event.data;
      return moved(next, event, {
        phases: state.progress.phases.map((p) =>
          p.id === phase
            ? { ...p, status, percent, ...times(status, p.started_at, p.completed_at, event.at) }
            : p,
        ),
        ...(status === "running" ? { phase } : {}),
      });
    }
    case "agent.changed": {
      const { agents } = state.progress;
      const old = agents.find((a) => a.agent === event.data.agent);
      const agent = {
        ...event.data,
        ...times(event.data.status, old?.started_at ?? null, old?.completed_at ?? null, event.at),
      };
      return moved(next, event, {
        agents: old ? agents.map((a) => (a === old ? agent : a)) : [...agents, agent],
      });
    }
    case "tool.changed": {
      const { tools } = state.progress;
      const old = tools.find((t) => t.agent === event.data.agent && t.tool === event.data.tool);
      const started_at =
        event.data.status === "pending"
          ? null
          : event.data.status === "running"
            ? event.at
            : (old?.started_at ?? null);
      const tool = { ...event.data, started_at };
      return moved(next, event, {
        tools: old ? tools.map((t) => (t === old ? tool : t)) : [...tools, tool],
      });
    }
    case "progress.changed":
      return moved(next, event, {
        ...event.data,
        percent: Math.max(state.progress.percent, event.data.percent),
      });
    case "log.appended":
      return moved(next, event, { log_lines: state.progress.log_lines + 1 });
    case "finding.added": {
      const results = state.results ?? noResults;
      const found = { ...event.data.finding, found_at: event.at };
      next.results = { ...results, findings: [...results.findings, found] };
      return moved(next, event, { findings: state.progress.findings + 1 });
    }
    case "results.changed": {
      const { results, review } = event.data;
      if (review) next.reviews = reviewed(state.reviews, review, event);
      if (!results) return next;
      next.results = { ...results, findings: state.results?.findings ?? [] };
      return moved(next, event, {});
    }
    case "investigation.archived":
      return { ...next, archived_at: event.at };
    case "investigation.unarchived":
      return { ...next, archived_at: null };
    case "checkpoint.restored": {
      const { label: _, wizard_step, ...restored } = event.data;
      const edit = { version: event.seq, by: event.actor.id, at: event.at };
      const edits = { ...state.edits };
      for (const field of draftFields) if (field !== "wizard_step") edits[field] = edit;
      const back = { ...next, ...restored, edits };
      return state.wizard_step === wizard_step ? back : stepped(back, event, wizard_step);
    }
    case "checkpoint.created":
    case "conflict.detected":
    case "unknown":
      return next;
  }
}

/** What is said of the findings after somebody has said one thing more. */
function reviewed(reviews: Reviews, change: ReviewChange, { seq, actor, at }: Event): Reviews {
  const { finding_id, agent, tool, tool_version } = change;
  const old = reviews[finding_id] ?? { verdict: null, notes: [] };
  const next = { ...old, agent, tool, tool_version };
  const by = actor.id;
  if (change.note) next.notes = [...old.notes, { seq, text: change.note, by, at }];
  else if (change.withdrawn || !change.verdict) next.verdict = null;
  else next.verdict = { verdict: change.verdict, reason: change.reason, by, at };
  return { ...reviews, [finding_id]: next };
}

const terminal = (status: Investigation["status"]) =>
  status === "completed" || status === "cancelled" || status === "error";

function stepped(next: Investigation, event: Event, step: Step): Investigation {
  const edit = { version: event.seq, by: event.actor.id, at: event.at };
  return {
    ...next,
    wizard_step: step,
    step_history: [...next.step_history, { step, at: event.at }].slice(-stepHistoryMax),
    edits: event.actor.kind === "user" ? { ...next.edits, wizard_step: edit } : next.edits,
  };
}

/** The run, and not only its form, has moved. */
function moved(next: Investigation, event: Event, change: Partial<Progress>): Investigation {
  return { ...next, progress: { ...next.progress, ...change, last_activity_at: event.at } };
}

/** When work started and ended follows from its new status. */
function times(status: WorkStatus, started: string | null, completed: string | null, at: string) {
  if (status === "pending") return { started_at: null, completed_at: null };
  if (status === "running") return { started_at: started ?? at, completed_at: null };
  return { started_at: started, completed_at: completed ?? at };
}

function newProgress(): Progress {
  return {
    percent: 0,
    phase: "",
    phases: phases.map((id) => ({
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
  };
}

/** What did not end well is pending again; what is done stays done. */
function reopen(progress: Progress): Progress {
  const undone = new Set(progress.tools.filter((t) => t.status !== "completed").map((t) => t.agent));
  return {
    ...progress,
    tools: progress.tools.map((t) =>
      t.status === "completed"
        ? t
        : { tool: t.tool, agent: t.agent, status: "pending", started_at: null, duration_ms: null },
    ),
    agents: progress.agents.map((a) =>
      undone.has(a.agent) ? { ...a, status: "pending", completed_at: null } : a,
    ),
    phases: progress.phases.map((p) =>
      p.status !== "completed" || (p.id !== "planning" && undone.size > 0)
        ? { id: p.id, status: "pending", percent: 0, started_at: null, completed_at: null }
        : p,
    ),
  };
}

/** What a run holds before its first assessment. */
const noResults: Results = {
  risk_score: null,
  risk_level: "",
  score_interval: null,
  domains: [],
  findings: [],
  not_assessed: [],
  contributions: [],
  timeline: [],
  graph: { nodes: [], edges: [] },
  recommendations: [],
  summary: "",
  dataset: null,
  entities: [],
  checks: [],
  counterfactual: null,
  lists: [],
  list_sources: [],
  decision: null,
  weights: 0,
  digest: "",
  partial: false,
};
