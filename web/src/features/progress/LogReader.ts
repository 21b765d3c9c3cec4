import type { Event } from "../../api/event";
import type { LogPage } from "../../api/log";
import { ApiError } from "../../api/problem";
import { backoffMs } from "../../sync/backoff";
import { emptyBook, type LogBook, withEvents, withPage } from "./logBook";

export type LogState = {
  book: LogBook;
  /** Log lines that the run has written, as far as is known. */
  total: number;
  /** Why older lines cannot be read now. */
  error: Error | null;
};

type FetchPage = (cursor: number, signal: AbortSignal) => Promise<LogPage>;

const backoff = { multiplier: 2, maxMs: 30_000 };

/**
 * Keeps a run's log complete: live events are joined on where they follow what is held, and whatever
 * is missing is read page by page. The count of lines in the state says what is missing.
 */
export class LogReader {
  private state: LogState = { book: emptyBook, total: 0, error: null };
  private version = 0;
  private reading: AbortController | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly fetchPage: FetchPage) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly snapshot = () => this.state;

  /** The state moved: the investigation is at `version` and has written `total` lines. */
  known(version: number, total: number) {
    if (version < this.version) {
      this.close();
      this.set({ book: emptyBook, error: null });
    }
    this.version = version;
    if (total !== this.state.total) this.set({ total });
    if (!this.timer) void this.read();
  }

  /** Live events, as they arrive. */
  events(events: readonly Event[]) {
    const book = withEvents(this.state.book, events);
    if (book !== this.state.book) this.set({ book, total: Math.max(this.state.total, book.lines.length) });
  }

  /** Reads again now, after an error. */
  readonly retry = () => {
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.read();
  };

  close() {
    this.reading?.abort();
    this.reading = null;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async read() {
    if (this.reading) return;
    const abort = new AbortController();
    this.reading = abort;
    try {
      while (this.state.book.lines.length < this.state.total) {
        const { through } = this.state.book;
        const version = this.version;
        const page = await this.fetchPage(through, abort.signal);
        if (abort.signal.aborted) return;
        const book = withPage(this.state.book, page, through, version);
        this.failures = 0;
        if (book !== this.state.book || this.state.error) this.set({ book, error: null });
        if (!page.has_more) break;
      }
    } catch (error) {
      if (!abort.signal.aborted) this.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      if (this.reading === abort) this.reading = null;
    }
  }

  private failed(error: Error) {
    this.failures += 1;
    this.set({ error });
    if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429)
      return;
    const wait =
      (error instanceof ApiError ? error.retryAfterMs : null) ??
      backoffMs(this.failures, backoff, Math.random());
    this.timer = setTimeout(this.retry, wait);
  }

  private set(change: Partial<LogState>) {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
