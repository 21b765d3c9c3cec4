import { useEffect, useState } from "react";
import * as z from "zod/mini";
import type { Profile } from "../api/profile";
import { usePreference } from "../sync/preference";
import { useProfile } from "../sync/profile";
import { setZone } from "../ui/time";

const key = "olorin-preferences";
const remembered = z.object({ zone: z.string(), density: z.enum(["comfortable", "compact"]) });
type Remembered = Pick<Profile, "zone" | "density">;

/** What this browser was told last, so that a page need not wait for the server to look right. */
function recall(): Remembered {
  try {
    return remembered.parse(JSON.parse(localStorage.getItem(key) ?? ""));
  } catch {
    return { zone: "", density: "comfortable" };
  }
}

function apply({ zone, density }: Remembered) {
  setZone(zone);
  document.documentElement.dataset.density = density;
}

const first = recall();
apply(first);

/** Has the pages look, and be kept up to date, as the user likes them. Returns the zone: what is keyed by it is drawn anew when it changes. */
export function usePreferences(): string {
  const profile = useProfile();
  const [zone, setShown] = useState(first.zone);
  useEffect(() => {
    if (!profile) return;
    const liked = { zone: profile.zone, density: profile.density };
    apply(liked);
    usePreference.getState().choose(profile.follow_by);
    setShown(profile.zone);
    try {
      localStorage.setItem(key, JSON.stringify(liked));
    } catch {
      // full or refused; the server has it
    }
  }, [profile]);
  return zone;
}
