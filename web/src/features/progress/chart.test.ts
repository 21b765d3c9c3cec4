import { expect, test } from "vitest";
import { toolProgress } from "../../api/investigation";
import { barOf, countTools, elapsedMs, spanOf } from "./chart";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 9, 0, seconds)).toISOString();
const ms = (seconds: number) => Date.parse(at(seconds));
const tool = (change: Record<string, unknown>) =>
  toolProgress.parse({ tool: "t", agent: "a", status: "completed", ...change });

const tools = [
  tool({ started_at: at(0), duration_ms: 4000, outcome: "fired" }),
  tool({ started_at: at(4), duration_ms: 1, outcome: "not_assessed" }),
  tool({ started_at: at(5), status: "running" }),
  tool({ status: "pending" }),
];

test("counts by outcome; running, waiting and cancelled checks are not over", () => {
  const counts = countTools([...tools, tool({ started_at: at(5), status: "cancelled" })]);
  expect(counts).toEqual({ all: 5, fired: 1, clear: 0, not_assessed: 1, failed: 0, over: 2 });
});

test("the span runs to now while a check is running, and to the last end after", () => {
  expect(spanOf(tools, ms(10))).toEqual({ from: ms(0), to: ms(10) });
  expect(spanOf(tools.slice(0, 2), ms(100))).toEqual({ from: ms(0), to: ms(4) + 1 });
  expect(spanOf(tools.slice(3), ms(10))).toBeNull();
});

test("bars stand where their check ran and never leave the axis", () => {
  expect(tools.map((x) => barOf(x, ms(0), ms(10)))).toEqual([
    { left: 0, width: 40 },
    { left: 40, width: 0.5 },
    { left: 50, width: 50 },
    null,
  ]);
  const last = barOf(tool({ started_at: at(10), duration_ms: 0 }), ms(0), ms(10));
  expect(last).toEqual({ left: 99.5, width: 0.5 });
});

test("a clock behind the server's never tells a negative time", () => {
  expect(elapsedMs(at(5), null, ms(3))).toBe(0);
  expect(elapsedMs(null, null, ms(3))).toBeNull();
  expect(elapsedMs(at(1), at(3), ms(100))).toBe(2000);
});
