import { useEffect, useMemo, useSyncExternalStore } from "react";
import { getLog } from "../../api/log";
import { onArrival } from "../../sync/arrivals";
import { LogReader } from "./LogReader";

const pageSize = 1000;

/** The log of a run from line 1, kept complete while the component is mounted. */
export function useLog(id: string, version: number, total: number) {
  const reader = useMemo(() => new LogReader((cursor, signal) => getLog(id, cursor, pageSize, signal)), [id]);
  useEffect(() => {
    const stop = onArrival(id, (events) => reader.events(events));
    return () => {
      stop();
      reader.close();
    };
  }, [id, reader]);
  useEffect(() => reader.known(version, total), [reader, version, total]);
  return { ...useSyncExternalStore(reader.subscribe, reader.snapshot), retry: reader.retry };
}
