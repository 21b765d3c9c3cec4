import { type Message, openEvents, readMessage } from "../api/stream";
import { frameReader } from "./frames";
import type { Transport } from "./transport";

/** Takes a stream apart as it comes, in pieces of any size: each message, and null for each comment. */
export function messageReader(hear: (message: Message | null) => void) {
  let rest = "";
  let name = "";
  let id = "";
  let data: string[] = [];

  function line(text: string) {
    if (text === "") {
      if (data.length > 0) hear({ name, id, data: data.join("\n") });
      [name, data] = ["", []];
      return;
    }
    if (text.startsWith(":")) return hear(null);
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
    else hear(null);
  }

  return (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(text.endsWith("\r") ? text.slice(0, -1) : text);
  };
}

/**
 * Server-sent events, read by fetch: unlike EventSource it tells why it was refused, renews the session
 * as every request does, and hears the heartbeats.
 */
export const sse: Transport = (call) => {
  let stop = new AbortController();
  let told = call.mode();
  const frames = frameReader(call.hear);
  const alive = () => call.hear({ kind: "heard", latencyMs: null });
  const fail = (error: unknown) => {
    frames.flush();
    call.hear({ kind: "closed", error: error instanceof Error ? error : new Error(String(error)) });
  };

  async function follow({ signal }: AbortController) {
    try {
      const asked = performance.now();
      const body = await openEvents(call.id, call.cursor(), told, signal);
      const reader = body.getReader();
      const text = new TextDecoder();
      const read = messageReader((message) => (message ? frames.read(readMessage(message)) : alive()));
      for (let first = true; ; first = false) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (done) break;
        if (first) call.hear({ kind: "heard", latencyMs: performance.now() - asked });
        read(text.decode(value, { stream: true }));
      }
      fail(new Error("the server ended the stream"));
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  }
  void follow(stop);

  return {
    nudge: () => undefined,
    // said when a stream is opened, so another one is
    setMode(mode) {
      if (mode === told) return;
      told = mode;
      frames.flush();
      stop.abort();
      stop = new AbortController();
      void follow(stop);
    },
    close() {
      stop.abort();
      frames.drop();
    },
  };
};
