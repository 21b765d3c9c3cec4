import { openSocket, readFrame } from "../api/stream";
import { frameReader } from "./frames";
import type { Transport } from "./transport";

/** A ping this often, in ms, measures the latency and notices a connection that died without a word. */
const pingMs = 5000;

export const websocket: Transport = (call) => {
  const socket = openSocket(call.id, call.cursor(), call.mode());
  const frames = frameReader(call.hear);
  let pingedAt: number | null = null;
  let told = call.mode();

  const say = (what: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(what));
  };
  const ping = () => {
    pingedAt ??= performance.now();
    say({ type: "ping" });
  };
  const beat = setInterval(ping, pingMs);

  function close() {
    clearInterval(beat);
    frames.drop();
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  function broke(error: Error) {
    frames.flush();
    close();
    call.hear({ kind: "closed", error });
  }

  socket.onopen = ping;
  socket.onmessage = ({ data }) => {
    try {
      const frame = readFrame(String(data));
      frames.read(frame);
      if (frame.type === "pong") {
        call.hear({ kind: "heard", latencyMs: pingedAt === null ? null : performance.now() - pingedAt });
        pingedAt = null;
      }
    } catch (error) {
      broke(error instanceof Error ? error : new Error(String(error)));
    }
  };
  socket.onclose = ({ code, reason }) => broke(new Error(`WebSocket closed: ${code} ${reason}`.trim()));

  return {
    nudge: ping,
    setMode(mode) {
      if (mode === told) return;
      told = mode;
      say({ type: "presence", mode });
    },
    close,
  };
};
