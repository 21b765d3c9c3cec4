import { useEffect, useState } from "react";

/** The time, in ms since the epoch, renewed every `everyMs` while `running`. */
export function useNow(everyMs: number, running = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    setNow((shown) => (Date.now() - shown < everyMs ? shown : Date.now())); // what was just drawn is not drawn again
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, running]);
  return now;
}
