import { afterEach, expect, test, vi } from "vitest";
import type { LogPage } from "../../api/log";
import { ApiError } from "../../api/problem";
import { sampleEvent } from "../../testing/sample";
import { LogReader } from "./LogReader";

const line = (seq: number) => sampleEvent(seq, "log.appended", { level: "info", message: `line ${seq}` });

function page(cursor: number, head: number, limit: number): LogPage {
  const items = Array.from({ length: Math.max(0, Math.min(limit, head - cursor)) }, (_, i) => ({
    seq: cursor + i + 1,
    line: cursor + i + 1,
    at: "2026-11-22T09:00:00.000Z",
    level: "info" as const,
    agent: "",
    tool: "",
    message: `line ${cursor + i + 1}`,
  }));
  return { items, next_cursor: cursor + items.length, has_more: cursor + limit < head, total: head };
}

const numbers = (reader: LogReader) => reader.snapshot().book.lines.map((l) => l.line);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

afterEach(() => {
  vi.useRealTimers();
});

test("reads every page from line 1, then goes on with live events and asks no more", async () => {
  const cursors: number[] = [];
  const reader = new LogReader(async (cursor) => {
    cursors.push(cursor);
    return page(cursor, 25, 10);
  });
  reader.known(25, 25);
  await vi.waitFor(() => expect(numbers(reader)).toEqual(upTo(25)));
  reader.events([line(25), line(26), line(27)]);
  reader.known(27, 27);
  expect(numbers(reader)).toEqual(upTo(27));
  expect(cursors).toEqual([0, 10, 20]);
});

test("a failed page is told, and read again after a while", async () => {
  vi.useFakeTimers();
  let broken = true;
  const reader = new LogReader(async (cursor) => {
    if (broken)
      throw new ApiError({ type: "", title: "", status: 0, detail: "No answer", code: "", errors: [] });
    return page(cursor, 5, 10);
  });
  reader.known(5, 5);
  await vi.advanceTimersByTimeAsync(0);
  expect(reader.snapshot().error?.message).toBe("No answer");
  broken = false;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(reader.snapshot().error).toBeNull();
  expect(numbers(reader)).toEqual(upTo(5));
});

test("a state that went back starts the log anew", async () => {
  let head = 20;
  const reader = new LogReader(async (cursor) => page(cursor, head, 100));
  reader.known(20, 20);
  await vi.waitFor(() => expect(numbers(reader)).toEqual(upTo(20)));
  head = 8;
  reader.known(8, 8);
  await vi.waitFor(() => expect(numbers(reader)).toEqual(upTo(8)));
});
