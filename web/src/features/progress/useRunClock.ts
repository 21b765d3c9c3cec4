import { useConnection } from "../../sync/connection";
import { useNow } from "../../ui/useNow";

/** The time of what is shown of a run, in ms since the epoch. It stands still while the server cannot be reached. */
export function useRunClock(running: boolean): { now: number; live: boolean } {
  const { online, lost, followed } = useConnection();
  const live = online && !lost && followed?.link.phase !== "retrying";
  const now = useNow(1000, running && live);
  return { now: live ? now : (followed?.link.heardAt ?? now), live };
}
