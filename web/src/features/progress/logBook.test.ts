import fc from "fast-check";
import { expect, test } from "vitest";
import type { Event } from "../../api/event";
import type { LogPage } from "../../api/log";
import { sampleEvent } from "../../testing/sample";
import { emptyBook, type LogBook, withEvents, withPage } from "./logBook";

/** A log in which the seqs named are log lines and all others are something else. */
const logOf = (length: number, isLine: (seq: number) => boolean): Event[] =>
  Array.from({ length }, (_, i) =>
    isLine(i + 1)
      ? sampleEvent(i + 1, "log.appended", { level: "info", message: `line of ${i + 1}` })
      : sampleEvent(i + 1, "step.changed", { step: "progress" }),
  );

/** What the server answers, once its log has `head` events. */
function pageOf(log: Event[], head: number, cursor: number, limit: number): LogPage {
  const all = log
    .slice(0, head)
    .flatMap((event) =>
      event.type === "log.appended" ? [{ seq: event.seq, at: event.at, ...event.data }] : [],
    )
    .map((line, i) => ({ ...line, line: i + 1 }));
  const rest = all.filter((line) => line.seq > cursor);
  const items = rest.slice(0, limit);
  return {
    items,
    next_cursor: items.at(-1)?.seq ?? cursor,
    has_more: rest.length > limit,
    total: all.length,
  };
}

test("pages and live events, in any mixture, give every line once and in order", () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("live" as const),
      from: fc.nat(60),
      count: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({
      kind: fc.constant("page" as const),
      limit: fc.integer({ min: 1, max: 9 }),
      head: fc.nat(60),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, every) => {
      const log = logOf(60, (seq) => seq % every === 0);
      let book: LogBook = emptyBook;
      for (const s of steps) {
        if (s.kind === "live") book = withEvents(book, log.slice(s.from, s.from + s.count));
        else book = withPage(book, pageOf(log, s.head, book.through, s.limit), book.through, s.head);
        const want = pageOf(log, book.through, 0, 1000).items;
        expect(book.lines).toEqual(want);
      }
    }),
  );
});

test("live events after a gap wait for the page that closes it", () => {
  const log = logOf(30, () => true);
  let book = withEvents(emptyBook, log.slice(20));
  expect(book).toBe(emptyBook);
  book = withPage(book, pageOf(log, 25, 0, 100), 0, 25);
  book = withEvents(book, log.slice(20));
  expect(book.lines.map((l) => l.line)).toEqual(log.map((_, i) => i + 1));
});

test("a line that the server only holds in memory is not joined on", () => {
  const event = sampleEvent(1, "log.appended", { level: "info", message: "x" }, { durable: false });
  expect(withEvents(emptyBook, [event])).toBe(emptyBook);
});

test("a page of before a reset is not joined on", () => {
  const page = pageOf(
    logOf(30, () => true),
    30,
    20,
    100,
  );
  expect(withPage(emptyBook, page, 20, 30)).toBe(emptyBook);
});
