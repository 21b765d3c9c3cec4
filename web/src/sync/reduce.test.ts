import { expect, test } from "vitest";
import type { Event } from "../api/event";
import { sampleEvent, sampleState } from "../testing/sample";
import { reduce } from "./reduce";

const after = (...bodies: [string, unknown, Record<string, unknown>?][]) =>
  bodies
    .map(([type, data, rest], i): Event => sampleEvent(i + 2, type, data, rest))
    .reduce(reduce, sampleState());

const system = { actor: { kind: "system", id: "runner" } };

test("a change of settings replaces only its fields and says who edited them", () => {
  const state = after(["settings.changed", { name: "New", settings: { risk_threshold: 75 } }]);
  expect(state.name).toBe("New");
  expect(state.settings).toEqual({ ...sampleState().settings, risk_threshold: 75 });
  expect(Object.keys(state.edits)).toEqual(["name", "settings.risk_threshold"]);
  expect(state.edits.name).toEqual({ version: 2, by: "u1", at: "2026-11-22T09:00:02.000Z" });
});

test("a step that the system takes is nobody's edit", () => {
  const state = after(["step.changed", { step: "results" }, system]);
  expect(state.wizard_step).toBe("results");
  expect(state.edits).toEqual({});
});

test("the percentage never falls", () => {
  const state = after(
    ["progress.changed", { percent: 40, phase: "analysis", eta_seconds: 9 }],
    ["progress.changed", { percent: 30, phase: "analysis", eta_seconds: 8 }],
  );
  expect(state.progress).toMatchObject({ percent: 40, eta_seconds: 8 });
});

test("a start clears the last run; an end stops the clock", () => {
  const state = after(
    ["status.changed", { from: "draft", to: "running", act: "start" }],
    ["log.appended", { level: "info", message: "" }],
    [
      "status.changed",
      {
        from: "running",
        to: "error",
        act: "fail",
        error: { code: "x", message: "y", at: "2026-11-22T09:00:04.000Z" },
      },
    ],
  );
  expect(state).toMatchObject({
    status: "error",
    started_at: "2026-11-22T09:00:02.000Z",
    finished_at: "2026-11-22T09:00:04.000Z",
    error: { message: "y" },
    progress: { log_lines: 1, eta_seconds: null },
  });
});

test("a retry keeps what is done and opens what is not", () => {
  const tool = (name: string, status: string) => ({ tool: name, agent: "device", status, outcome: "clear" });
  const state = after(
    ["tool.changed", tool("a", "completed")],
    ["tool.changed", tool("b", "failed")],
    ["phase.changed", { phase: "planning", status: "completed", percent: 100 }],
    ["phase.changed", { phase: "collection", status: "completed", percent: 100 }],
    ["status.changed", { from: "error", to: "running", act: "retry" }],
  );
  expect(state.progress.tools.map((t) => [t.tool, t.status])).toEqual([
    ["a", "completed"],
    ["b", "pending"],
  ]);
  expect(state.progress.phases.slice(0, 2).map((p) => p.status)).toEqual(["completed", "pending"]);
});

test("findings come one by one and stay when the assessment arrives without them", () => {
  const finding = {
    id: "f",
    agent: "device",
    tool: "a",
    severity: "high",
    title: "",
    sentence: "",
    strength: 1,
    weight: 1,
  };
  const state = after(
    ["finding.added", { finding }],
    ["results.changed", { results: { risk_score: 71, risk_level: "high" } }],
  );
  expect(state.results?.findings.map((f) => f.found_at)).toEqual(["2026-11-22T09:00:02.000Z"]);
  expect(state.results?.risk_score).toBe(71);
  expect(state.progress.findings).toBe(1);
});

test("nothing that was given is changed", () => {
  const before = sampleState();
  const copy = structuredClone(before);
  reduce(before, sampleEvent(2, "tool.changed", { tool: "a", agent: "b", status: "running" }));
  reduce(before, sampleEvent(2, "settings.changed", { settings: { risk_threshold: 1 } }));
  expect(before).toEqual(copy);
});
