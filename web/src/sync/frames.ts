import type { Event } from "../api/event";
import type { Frame } from "../api/stream";
import type { News } from "./transport";

/** So long are events gathered, in ms: a burst is folded and drawn once. */
const gatherMs = 20;

/** Turns frames of a stream into news; events that come together are told together. */
export function frameReader(hear: (news: News) => void) {
  let events: Event[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (events.length === 0) return;
    const delta = { events };
    events = [];
    hear({ kind: "delta", delta });
  }

  return {
    read(frame: Frame) {
      if (frame.type === "event") {
        events.push(frame.event);
        timer ??= setTimeout(flush, gatherMs);
        return;
      }
      flush();
      switch (frame.type) {
        case "hello":
        case "reset":
          hear({
            kind: "delta",
            delta: { state: frame.state, durable: frame.next_cursor, reset: frame.type === "reset" },
          });
          break;
        case "durable":
          hear({ kind: "durable", seq: frame.seq, whole: false });
          break;
        case "presence":
          hear({ kind: "viewers", viewers: frame.viewers });
          break;
        case "end":
          hear({ kind: "end" });
          break;
        case "pong":
          break;
      }
    },
    flush,
    drop() {
      clearTimeout(timer);
      events = [];
    },
  };
}
