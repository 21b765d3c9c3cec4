import * as z from "zod";
import { openStream, parseBody, socketUrl } from "./client";
import { event } from "./event";
import { investigation } from "./investigation";
import { type ViewMode, viewer } from "./poll";
import { instant, list } from "./shape";
import { status } from "./status";

const stated = { version: z.number().int(), next_cursor: z.number().int(), state: investigation };

/** What a stream says, over WebSocket as it stands, over server-sent events with its type as the name of the event. */
const frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), ...stated }),
  z.object({ type: z.literal("reset"), ...stated }),
  z.object({ type: z.literal("event"), event }),
  /** What was held in memory is durable up to here. */
  z.object({ type: z.literal("durable"), seq: z.number().int() }),
  z.object({ type: z.literal("presence"), viewers: list(viewer) }),
  z.object({ type: z.literal("pong"), server_time: instant }),
  /** The run is over and everything was sent; the server closes. */
  z.object({ type: z.literal("end"), status }),
]);
export type Frame = z.infer<typeof frame>;

const path = (id: string, way: "ws" | "events", cursor: number, mode: ViewMode) =>
  `/wizard/${encodeURIComponent(id)}/${way}?cursor=${cursor}&mode=${mode}`;

export const openSocket = (id: string, cursor: number, mode: ViewMode) =>
  new WebSocket(socketUrl(path(id, "ws", cursor, mode)), "olorin.v1");

export const readFrame = (text: string): Frame => parseBody("a frame", text, frame);

export const openEvents = (id: string, cursor: number, mode: ViewMode, signal: AbortSignal) =>
  openStream(path(id, "events", cursor, mode), signal);

/** One server-sent event: its name, its id and its data. */
export type Message = { name: string; id: string; data: string };

/** Reads a server-sent event as the frame that it is. */
export function readMessage({ name, id, data }: Message): Frame {
  switch (name) {
    case "reset": {
      const state = parseBody("reset", data, investigation);
      return { type: "reset", version: state.version, next_cursor: Number(id), state };
    }
    case "durable":
    case "presence":
    case "end":
      return readFrame(data.replace("{", `{"type":"${name}",`));
    default:
      return { type: "event", event: parseBody("an event", data, event) };
  }
}
