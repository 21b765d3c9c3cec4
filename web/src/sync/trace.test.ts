import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleEvent, sampleState } from "../testing/sample";
import { prove, type Receipt, Trace } from "./trace";

const receipt = (what: Receipt["what"], seq: number): Receipt => ({
  at: "",
  by: "poll",
  tab: false,
  what,
  seq,
});

test("a log that came whole, in any order and however often, is proved whole", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }).chain((n) => {
        const seqs = Array.from({ length: n }, (_, i) => i + 2);
        return fc.tuple(
          fc.constant(n),
          fc.shuffledSubarray(seqs, { minLength: n, maxLength: n }),
          fc.array(fc.constantFrom(...seqs)),
        );
      }),
      ([n, order, again]) => {
        const proof = prove([
          receipt("state", 1),
          ...[...order, ...again].map((seq) => receipt("event", seq)),
        ]);
        expect(proof).toEqual({ from: 1, to: n + 1, missing: [], repeated: again.length, gap_free: true });
      },
    ),
  );
});

test("what is missing is named, and held events prove nothing", () => {
  const got = [receipt("state", 3), receipt("event", 4), receipt("held", 5), receipt("event", 7)];
  expect(prove(got)).toMatchObject({ from: 3, to: 4, missing: [5, 6], gap_free: false });
  expect(prove([...got, receipt("event", 6), receipt("event", 5)])).toMatchObject({ to: 7, gap_free: true });
});

test("a reset begins anew", () => {
  expect(prove([receipt("state", 9), receipt("reset", 4), receipt("event", 5)])).toMatchObject({
    from: 4,
    to: 5,
    gap_free: true,
  });
});

test("the document tells each receipt with who brought it", () => {
  const trace = new Trace();
  trace.note({ state: sampleState() }, "load", false, 0);
  trace.note({ events: [sampleEvent(2, "step.changed", { step: "progress" })] }, "sse", true, 1000);
  expect(trace.document("inv-1", 2, 2000)).toMatchObject({
    version: 2,
    from: 1,
    to: 2,
    gap_free: true,
    dropped: 0,
    receipts: [
      { what: "state", seq: 1, by: "load", tab: false },
      { what: "event", seq: 2, by: "sse", tab: true, at: "1970-01-01T00:00:01.000Z" },
    ],
  });
});

test("what is kept is bounded and still adds up", () => {
  const trace = new Trace();
  for (let seq = 2; seq < 30_000; seq++) {
    trace.note(
      { events: [sampleEvent(seq, "log.appended", { level: "info", message: "" })] },
      "poll",
      false,
      0,
    );
  }
  const { receipts, dropped, from, to, gap_free } = trace.document("inv-1", 29_999, 0);
  expect(receipts.length).toBeLessThanOrEqual(20_000);
  expect(dropped + receipts.length).toBe(29_998);
  expect({ from, to, gap_free }).toEqual({ from: dropped + 1, to: 29_999, gap_free: true });
});
