import { create } from "zustand";
import type { Viewer } from "../api/poll";
import { type LinkState, noLink } from "./link";

/** How this page stands to the server; what the pill in the top bar shows. */
type Connection = {
  /** The browser says there is a network. */
  online: boolean;
  /** Tries that failed in a row, past what is worth telling. */
  lost: boolean;
  /** When the next try is due (ms since the epoch), after a failure. */
  retryAt: number | null;
  /** Tries at once. */
  retryNow: (() => void) | null;
  /** Something entered is on its way to the server. */
  saving: boolean;
  /** What was entered is not on the server: it refused it, or somebody has to choose. */
  refused: boolean;
  /** The server holds a save in memory: not durable yet. */
  inMemory: boolean;
  /** What is followed on this page; null where nothing is. */
  followed: Followed | null;
};

export type Followed = {
  id: string;
  link: LinkState;
  /** Another tab of this browser follows the server for this one. */
  byOtherTab: boolean;
  /** Everybody who looks at the investigation, this user too. */
  viewers: Viewer[];
  /** Makes the document that shows what was received, and whether it adds up. */
  trace: () => object;
};

export const useConnection = create<Connection>(() => ({
  online: typeof navigator === "undefined" ? true : navigator.onLine,
  lost: false,
  retryAt: null,
  retryNow: null,
  saving: false,
  refused: false,
  inMemory: false,
  followed: null,
}));

export const nothingFollowed = { lost: false, retryAt: null, retryNow: null, followed: null };

export const freshFollowed = (id: string, trace: () => object): Followed => ({
  id,
  link: noLink,
  byOtherTab: false,
  viewers: [],
  trace,
});

if (typeof window !== "undefined") {
  window.addEventListener("online", () => useConnection.setState({ online: true }));
  window.addEventListener("offline", () => useConnection.setState({ online: false }));
}
