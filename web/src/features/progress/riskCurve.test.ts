import fc from "fast-check";
import { expect, test } from "vitest";
import { reduce } from "../../sync/reduce";
import { sampleEvent, sampleState } from "../../testing/sample";
import { highest, standing, withRisk } from "./riskCurve";

const agent = (seq: number, name: string, risk: number | null) =>
  sampleEvent(seq, "agent.changed", {
    agent: name,
    status: "running",
    percent: 0,
    tools_total: 1,
    tools_done: 0,
    findings: 0,
    risk,
  });
const started = (seq: number) =>
  sampleEvent(seq, "status.changed", { from: "draft", to: "running", act: "start" });
const events = [
  started(2),
  agent(3, "device", null),
  agent(4, "device", 20),
  agent(5, "location", 70),
  agent(6, "device", 40),
  agent(7, "device", 90),
];

test("the curve is the highest risk of any agent, one point a change", () => {
  expect(highest(withRisk([], events)).map(({ risk, agent }) => [risk, agent])).toEqual([
    [20, "device"],
    [70, "location"],
    [90, "device"],
  ]);
});

test("a run that is started anew begins at nothing", () => {
  expect(highest(withRisk([], [...events, started(8), agent(9, "device", 10)])).map((p) => p.risk)).toEqual([
    10,
  ]);
});

test("events make the same curve in any order and however often they come", () => {
  const whole = withRisk([], events);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.nat(events.length),
      (order, cut) => {
        const steps = withRisk(withRisk(withRisk([], order.slice(0, cut)), order), order.slice(cut));
        expect(steps).toEqual(whole);
        expect(withRisk(steps, order)).toBe(steps);
      },
    ),
  );
});

test("a page that was opened late knows what stands, and the past changes nothing of it", () => {
  const late = [agent(8, "network", 0)];
  const state = events.reduce(reduce, sampleState());
  const without = highest(withRisk(standing(state), late));
  expect(without.map(({ risk, agent }) => [risk, agent])).toEqual([[90, "device"]]);
  const whole = withRisk(withRisk(standing(state), late), events);
  expect(highest(whole)).toEqual(highest(withRisk([], [...events, ...late])));
});
