import { beforeEach, expect, test } from "vitest";
import { sampleState } from "../testing/sample";
import { lastVisit, newsSince, seen } from "./visit";

beforeEach(() => localStorage.clear());

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();

test("how far one has seen is remembered, for each person", () => {
  seen("u1", sampleState({ version: 7 }));
  expect(lastVisit("u1", "inv-1")).toEqual({ version: 7, at: "2026-11-22T09:00:00.000Z" });
  expect(lastVisit("u2", "inv-1")).toBeNull();
  localStorage.setItem("olorin-seen/u2/inv-1", "{rubbish");
  expect(lastVisit("u2", "inv-1")).toBeNull();
});

test("what is newer than the visit is told, and nothing else", () => {
  const edits = {
    name: { version: 3, by: "u1", at: at(1) },
    "settings.entities": { version: 8, by: "u2", at: at(9) },
    "settings.risk_threshold": { version: 9, by: "u2", at: at(10) },
    wizard_step: { version: 10, by: "u2", at: at(10) },
  };
  const tool = (name: string, minute: number) => ({
    tool: name,
    agent: "device",
    status: "completed",
    started_at: at(minute),
    duration_ms: 1000,
    outcome: "clear",
  });
  const state = sampleState({
    version: 40,
    status: "completed",
    edits,
    started_at: at(2),
    finished_at: at(30),
    progress: { ...sampleState().progress, tools: [tool("A", 3), tool("B", 20), tool("C", 21)] },
  });
  expect(newsSince(state, { version: 7, at: at(5) })).toEqual({
    edits: [{ by: "u2", fields: ["settings.entities", "settings.risk_threshold"], at: at(10) }],
    started: null,
    finished: at(30),
    checks: 2,
    findings: [],
  });
  expect(newsSince(state, { version: 40, at: at(30) })).toBeNull();
});

test("of what was found meanwhile the gravest comes first", () => {
  const found = (id: string, severity: string, minute: number) => ({
    id,
    agent: "device",
    tool: "A",
    severity,
    title: id,
    sentence: id,
    strength: 0.5,
    weight: 0.5,
    entities: [],
    evidence: [],
    evidence_rows: [],
    evidence_total: 0,
    found_at: at(minute),
  });
  const findings = [
    found("seen", "critical", 1),
    found("small", "low", 6),
    found("grave", "critical", 7),
    found("some", "medium", 8),
  ];
  const news = newsSince(sampleState({ results: { findings } }), { version: 1, at: at(5) });
  expect(news?.findings.map(({ id }) => id)).toEqual(["grave", "some", "small"]);
});
