import { type ComponentType, lazy, useSyncExternalStore } from "react";
import { isAlive } from "../api/health";

/** Style sheets that did not come. The bundler's loader asks for each but once, also where its page is asked for again. */
const missing = new Set<string>();
if (typeof window !== "undefined")
  window.addEventListener("vite:preloadError", (event) => {
    const sheet = /CSS for (\S+)/.exec(event.payload.message)?.[1];
    if (!sheet) return;
    missing.add(sheet);
    event.preventDefault();
  });

function style(sheet: string): Promise<void> {
  return new Promise((done, fail) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = sheet;
    link.onload = () => {
      missing.delete(sheet);
      done();
    };
    link.onerror = () => {
      link.remove();
      fail(new Error(`${sheet} did not come`));
    };
    document.head.append(link);
  });
}

const [firstMs, longestMs] = [500, 5000];

/** Resolves after a while, or as soon as the network is back. */
const pause = (ms: number) =>
  new Promise<void>((done) => {
    const on = () => {
      clearTimeout(timer);
      window.removeEventListener("online", on);
      done();
    };
    const timer = setTimeout(on, ms);
    window.addEventListener("online", on);
  });

let awaited = 0;
const watchers = new Set<() => void>();
function count(change: 1 | -1) {
  awaited += change;
  for (const watcher of watchers) watcher();
}

/** Whether something that was opened does not come for now, since network or server are away. */
export const useAwaited = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => awaited > 0,
  );

/**
 * Fetches a file of the app, however long the network or the server is away: a page that was asked for meanwhile comes by itself. Fails
 * only where the server is there and does not have it, as after an update.
 */
export async function persist<T>(file: () => Promise<T>): Promise<T> {
  let there = false;
  let told = false;
  try {
    for (let ms = firstMs; ; ms = Math.min(2 * ms, longestMs)) {
      try {
        const come = await file();
        await Promise.all([...missing].map(style));
        return come;
      } catch (error) {
        if (there) throw error;
      }
      there = await isAlive();
      if (there) continue;
      if (!told) count(1);
      told = true;
      await pause(ms);
    }
  } finally {
    if (told) count(-1);
  }
}

/** A component in a file of its own, fetched when it is first drawn. */
export const later = <P extends object>(file: () => Promise<ComponentType<P>>) =>
  lazy(async () => ({ default: await persist(file) }));
