import { create } from "zustand";

/** How this page stands to the server; what the pill in the top bar shows. */
type Connection = {
  /** The browser says there is a network. */
  online: boolean;
  /** Polls that failed in a row, past what is worth telling. */
  lost: boolean;
  /** When the next try is due (ms since the epoch), while lost. */
  retryAt: number | null;
  /** Tries at once. */
  retryNow: (() => void) | null;
  /** Something entered is on its way to the server. */
  saving: boolean;
  /** The server answered the last save from memory: not durable yet. */
  inMemory: boolean;
};

export const useConnection = create<Connection>(() => ({
  online: typeof navigator === "undefined" ? true : navigator.onLine,
  lost: false,
  retryAt: null,
  retryNow: null,
  saving: false,
  inMemory: false,
}));

if (typeof window !== "undefined") {
  window.addEventListener("online", () => useConnection.setState({ online: true }));
  window.addEventListener("offline", () => useConnection.setState({ online: false }));
}
