import type { Event } from "../../api/event";
import type { LogLine, LogPage } from "../../api/log";

/** What is held of a run's log: always from line 1 on, without a gap. */
export type LogBook = {
  lines: readonly LogLine[];
  /** Every log line up to this seq is in `lines`. */
  through: number;
};

export const emptyBook: LogBook = { lines: [], through: 0 };

/**
 * Adds a page that was asked for at cursor `from`. `version` is how far the investigation was known
 * to be when the page was asked for: a last page holds every line up to there.
 */
export function withPage(book: LogBook, page: LogPage, from: number, version: number): LogBook {
  if (from > book.through) return book;
  const lines = page.items.filter((line) => line.seq > book.through);
  const reached = Math.max(book.through, page.items.at(-1)?.seq ?? 0, page.has_more ? 0 : version);
  if (lines.length === 0 && reached === book.through) return book;
  return { lines: [...book.lines, ...lines], through: reached };
}

/** Adds live events, which stand one after another. Those that leave a gap are left to the next page. */
export function withEvents(book: LogBook, events: readonly Event[]): LogBook {
  const lines = [...book.lines];
  let { through } = book;
  for (const event of events) {
    if (event.seq <= through) continue;
    if (event.seq > through + 1 || !event.durable) break;
    through = event.seq;
    if (event.type === "log.appended") {
      lines.push({ seq: event.seq, line: lines.length + 1, at: event.at, ...event.data });
    }
  }
  return through === book.through ? book : { lines, through };
}
