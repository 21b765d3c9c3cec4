import * as z from "zod/mini";
import { create } from "zustand";
import type { Profile } from "../api/profile";
import type { Ladder } from "./ladder";
import { ladderFrom } from "./ladder";

export type Preference = Profile["follow_by"];
const preference = z.enum(["auto", "poll"]);

const preferenceKey = "olorin-follow-by";
const ladderKey = "olorin-ways";

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // refused; the page goes by its defaults
  }
}

function write(key: string, value: string) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // full or refused: it holds as long as the page
  }
}

const stored = (): Preference => z.catch(preference, "auto").parse(read(preferenceKey));

type PreferenceStore = { followBy: Preference; choose: (followBy: Preference) => void };

/** How the user wants to follow: what the profile said last, so that a page need not wait for it to open the right way. */
export const usePreference = create<PreferenceStore>((set, get) => ({
  followBy: stored(),
  choose: (followBy) => {
    if (followBy === get().followBy) return;
    write(preferenceKey, followBy);
    set({ followBy });
  },
}));

if (typeof window !== "undefined") {
  window.addEventListener("storage", ({ key }) => {
    if (key === preferenceKey) usePreference.setState({ followBy: stored() });
  });
}

/** What this browser remembers of the ways that did not work on its network. */
export const ladderMemory = {
  load(now: number): Ladder {
    try {
      return ladderFrom(JSON.parse(read(ladderKey) ?? "null"), now);
    } catch {
      return ladderFrom(null, now);
    }
  },
  save: (ladder: Ladder) => write(ladderKey, JSON.stringify(ladder.blocked)),
};
