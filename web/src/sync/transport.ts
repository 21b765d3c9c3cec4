import type { Viewer, ViewMode } from "../api/poll";
import type { Delta } from "./merge";

/** The ways to follow an investigation, the best first. */
export const rungs = ["websocket", "sse", "longpoll", "poll"] as const;
export type Rung = (typeof rungs)[number];

export const isStream = (rung: Rung) => rung === "websocket" || rung === "sse";

/** What a transport brings. Whatever it is, it shows that the server is there. */
export type News =
  | { kind: "delta"; delta: Delta }
  | { kind: "viewers"; viewers: Viewer[] }
  /** What was held is durable up to this seq; `whole`: and the server holds nothing beyond. */
  | { kind: "durable"; seq: number; whole: boolean }
  /** How soon the server wants to be asked again, and why. */
  | { kind: "pace"; afterMs: number; reason: string }
  /** A heartbeat; `latencyMs` where it measured how long an answer takes. */
  | { kind: "heard"; latencyMs: number | null }
  /** The run is over, and nothing more comes this way. */
  | { kind: "end" }
  /** It broke. Nothing more comes from this connection. */
  | { kind: "closed"; error: Error };

export type Call = {
  id: string;
  /** The version held: everything after it is wanted. */
  cursor: () => number;
  mode: () => ViewMode;
  /** How long a poll that was told to wait so long waits; null: until it is nudged. */
  wait: (toldMs: number | null) => number | null;
  /** How long to wait before the first question, for those that ask. */
  firstWaitMs: number;
  hear: (news: News) => void;
};

export type Connection = {
  /** Asks now, where it asks at all. */
  nudge: () => void;
  /** The user views or edits now. */
  setMode: (mode: ViewMode) => void;
  close: () => void;
};

/** Follows an investigation until it is closed or breaks. It never repairs itself: that is the link's work. */
export type Transport = (call: Call) => Connection;
