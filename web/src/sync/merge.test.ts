import fc from "fast-check";
import { expect, test } from "vitest";
import type { Event } from "../api/event";
import { sampleEvent, sampleState } from "../testing/sample";
import { committed, type Delta, hasGap, type Known, knownFrom, merge } from "./merge";
import { reduce } from "./reduce";

const percent = fc.integer({ min: 0, max: 100 });
const work = fc.constantFrom("pending", "running", "completed", "failed", "cancelled");
const phase = fc.constantFrom("planning", "collection", "analysis", "correlation", "assessment");

/** The type and data of any event that a log may hold after its first. */
const body = fc.oneof(
  fc.record({ type: fc.constant("settings.changed"), data: fc.record({ name: fc.string() }) }),
  fc.record({
    type: fc.constant("settings.changed"),
    data: fc.record({ settings: fc.record({ risk_threshold: percent }) }),
  }),
  fc.record({
    type: fc.constant("step.changed"),
    data: fc.record({ step: fc.constantFrom("settings", "progress", "results") }),
  }),
  fc.record({
    type: fc.constant("status.changed"),
    data: fc.record({
      from: fc.constant("draft"),
      to: fc.constantFrom("running", "paused", "completed", "error", "cancelled"),
      act: fc.constantFrom("start", "pause", "retry", "complete", "fail"),
    }),
  }),
  fc.record({ type: fc.constant("phase.changed"), data: fc.record({ phase, status: work, percent }) }),
  fc.record({
    type: fc.constant("agent.changed"),
    data: fc.record({
      agent: fc.constantFrom("device", "network"),
      status: work,
      percent,
      tools_total: fc.nat(9),
      tools_done: fc.nat(9),
      findings: fc.nat(9),
      risk: fc.option(percent),
    }),
  }),
  fc.record({
    type: fc.constant("tool.changed"),
    data: fc.record({ tool: fc.constantFrom("a", "b"), agent: fc.constant("device"), status: work }),
  }),
  fc.record({
    type: fc.constant("progress.changed"),
    data: fc.record({ percent, phase, eta_seconds: fc.option(fc.nat(100)) }),
  }),
  fc.record({
    type: fc.constant("log.appended"),
    data: fc.record({ level: fc.constant("info"), message: fc.string() }),
  }),
  fc.record({ type: fc.constant("investigation.archived"), data: fc.constant({}) }),
  fc.record({ type: fc.constant("checkpoint.created"), data: fc.constant({}) }).map(() => ({
    type: "investigation.unarchived",
    data: {},
  })),
);

/** A log after version 1, and the state at each of its versions. */
const history = fc.array(body, { minLength: 1, maxLength: 30 }).map((bodies) => {
  const events = bodies.map((b, i) => sampleEvent(i + 2, b.type, b.data));
  const states = [sampleState()];
  for (const event of events) states.push(reduce(states[states.length - 1] ?? sampleState(), event));
  return { events, states };
});

const start = (): Known => knownFrom(sampleState());

test("any order and repetition of deltas leads to the state at the highest version", () => {
  fc.assert(
    fc.property(
      history.chain(({ events, states }) => {
        const index = fc.nat(events.length - 1);
        const slice = fc
          .tuple(index, index)
          .map(([a, b]): Delta => ({ events: events.slice(Math.min(a, b), Math.max(a, b) + 1) }));
        const shuffled = fc.shuffledSubarray(events).map((some): Delta => ({ events: some }));
        const snapshot = fc.nat(states.length - 1).map((i): Delta => ({ state: states[i] ?? sampleState() }));
        return fc.record({
          events: fc.constant(events),
          states: fc.constant(states),
          deltas: fc.array(fc.oneof(slice, shuffled, snapshot), { maxLength: 12 }),
          single: fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
        });
      }),
      ({ events, states, deltas, single }) => {
        let known: Known | undefined = start();
        for (const delta of [...deltas, ...single.map((event): Delta => ({ events: [event] }))]) {
          const before: number = known?.state.version ?? 0;
          known = merge(known, delta);
          expect(known?.state.version).toBeGreaterThanOrEqual(before);
          // whatever is shown is a state that the server had
          expect(known?.state).toEqual(states[(known?.state.version ?? 0) - 1]);
        }
        expect(known?.state).toEqual(states[events.length]);
        expect(known?.waiting).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test("a gap is noticed, holds back what comes after it, and is closed by what was missing", () => {
  const [a, b, c] = [2, 3, 4].map((seq) => sampleEvent(seq, "log.appended", { level: "info", message: "" }));
  const gap = merge(start(), { events: [c, a] as Event[] });
  expect(gap?.state.version).toBe(2);
  expect(gap && hasGap(gap)).toBe(true);
  const closed = merge(gap, { events: [b] as Event[] });
  expect(closed?.state.version).toBe(4);
  expect(closed?.state.progress.log_lines).toBe(3);
  expect(closed && hasGap(closed)).toBe(false);
});

test("what is known stays the same object where nothing is new", () => {
  const known = merge(start(), { events: [sampleEvent(2, "step.changed", { step: "progress" })] });
  expect(merge(known, { events: [sampleEvent(2, "step.changed", { step: "progress" })] })).toBe(known);
  expect(merge(known, { state: sampleState() })).toBe(known);
});

test("a reset replaces even what is newer", () => {
  const known = merge(start(), { events: [sampleEvent(2, "step.changed", { step: "progress" })] });
  expect(merge(known, { state: sampleState(), reset: true })?.state.version).toBe(1);
});

test("an event of an unknown type asks for the whole state and is not passed over", () => {
  const known = merge(start(), {
    events: [
      sampleEvent(2, "some.day", { x: 1 }),
      sampleEvent(3, "log.appended", { level: "info", message: "" }),
    ],
  });
  expect(known).toMatchObject({ outdated: true, state: { version: 1 } });
  expect(merge(known, { state: sampleState({ version: 3 }) })).toMatchObject({
    outdated: false,
    waiting: [],
    state: { version: 3 },
  });
});

test("what the server holds in memory only is never taken for kept: the cursor stays, and what was only held is fetched anew", () => {
  fc.assert(
    fc.property(
      history.chain(({ events, states }) => {
        const version = fc.integer({ min: 1, max: states.length });
        const held = fc.tuple(version, version).map(
          ([a, b]): Delta => ({
            state: states[Math.max(a, b) - 1] ?? sampleState(),
            durable: Math.min(a, b),
          }),
        );
        const some = fc.shuffledSubarray(events);
        const told = some.map((list): Delta => ({ events: list }));
        const tentative = some.map(
          (list): Delta => ({ events: list.map((e) => ({ ...e, durable: false })) }),
        );
        return fc.record({
          events: fc.constant(events),
          states: fc.constant(states),
          deltas: fc.array(fc.oneof(held, told, tentative), { maxLength: 12 }),
        });
      }),
      ({ events, states, deltas }) => {
        let known = start();
        for (const delta of deltas) {
          known = merge(known, delta) ?? known;
          expect(known.cursor).toBeLessThanOrEqual(known.state.version);
          expect(known.state).toEqual(states[known.state.version - 1]);
        }
        known = merge(known, { events }) ?? known;
        known = committed(known, states.length) ?? known;
        const last = states[events.length] ?? sampleState();
        // a page that cannot go on by events asks for the state
        if (known.outdated) known = merge(known, { state: last, reset: true }) ?? known;
        expect(known).toMatchObject({ cursor: states.length, outdated: false, waiting: [] });
        expect(known.state).toEqual(last);
      },
    ),
    { numRuns: 200 },
  );
});

test("a state of which the end was lost gives way to what was committed in its place", () => {
  const held = merge(start(), { state: sampleState({ version: 5, name: "held" }), durable: 3 });
  expect(held).toMatchObject({ cursor: 3, state: { version: 5 } });
  const other = [4, 5].map((seq) => sampleEvent(seq, "step.changed", { step: "progress" }));
  const told = merge(held, { events: other });
  expect(told?.outdated).toBe(true);
  expect(merge(told, { state: sampleState({ version: 4 }), reset: true })).toMatchObject({
    cursor: 4,
    state: { version: 4 },
    outdated: false,
  });
});

test("events that the server holds in memory only are shown and do not move the cursor", () => {
  const [held, line] = [2, 3].map((seq) =>
    sampleEvent(seq, "log.appended", { level: "info", message: "" }, { durable: false }),
  ) as [Event, Event];
  const known = merge(start(), { events: [held, line] });
  expect(known).toMatchObject({
    cursor: 1,
    outdated: false,
    state: { version: 3, progress: { log_lines: 2 } },
  });
  expect(merge(known, { events: [held] })).toBe(known);
  expect(merge(start(), { events: [line] })?.waiting).toEqual([]); // what may be lost is waited for by nobody
});

test("a server that holds nothing beyond what is durable has lost the end", () => {
  const held = merge(start(), { state: sampleState({ version: 5 }), durable: 3 });
  expect(committed(held, 3)).toBe(held);
  expect(committed(held, 3, true)?.outdated).toBe(true);
  const kept = merge(start(), { state: sampleState({ version: 5 }) });
  expect(committed(kept, 5, true)).toBe(kept);
});
