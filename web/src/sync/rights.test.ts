import { expect, test } from "vitest";
import type { Act } from "../api/investigation";
import { type Status, statuses } from "../api/status";
import { sampleState } from "../testing/sample";
import { canBe } from "./rights";

test("what a run can be driven to is what the server's table says, and a retry of what is complete only where a check did not end well", () => {
  const acts: Act[] = ["pause", "resume", "retry", "cancel"];
  const state = sampleState();
  const tool = {
    tool: "GEO-01",
    agent: "location",
    status: "completed" as const,
    started_at: null,
    duration_ms: null,
  };
  const offered = (status: Status, ended: "completed" | "failed", code?: string) =>
    acts.filter((act) =>
      canBe(act, { status, progress: { ...state.progress, tools: [{ ...tool, status: ended, code }] } }),
    );
  expect(Object.fromEntries(statuses.map((status) => [status, offered(status, "completed")]))).toEqual({
    draft: [],
    running: ["pause", "cancel"],
    paused: ["resume", "cancel"],
    completed: [],
    error: ["retry", "cancel"],
    cancelled: [],
  });
  expect(offered("completed", "failed")).toEqual(["retry"]);
  expect(offered("completed", "completed", "out_of_time")).toEqual(["retry"]);
  expect(offered("completed", "completed", "no_column")).toEqual([]);
});
