import { t } from "./texts";

/** How long the run still takes, in words no more exact than the estimate. Null means that nothing has been measured yet. */
export function etaText(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return t.eta.measuring;
  if (seconds <= 0) return t.eta.finishing;
  if (seconds < 8) return t.eta.soon;
  if (seconds < 90) return t.eta.seconds(Math.round(seconds / 5) * 5);
  if (seconds < 5400) return t.eta.minutes(Math.round(seconds / 60));
  return t.eta.hours(Math.round(seconds / 360) / 10);
}
