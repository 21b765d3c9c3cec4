import { Text, type TextProps, Tooltip } from "@mantine/core";

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
});
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const formatInstant = (instant: string | Date) => full.format(new Date(instant));
export const formatDay = (instant: string | Date) => day.format(new Date(instant));
/** Without the year, for what is of now. */
export const formatMoment = (instant: string | Date) => moment.format(new Date(instant));
export const formatClock = (instant: string | Date) => clock.format(new Date(instant));

const units = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** "3 minutes ago", measured at `now` (ms since the epoch). */
export function formatAgo(instant: string, now: number): string {
  const delta = new Date(instant).getTime() - now;
  for (const [unit, ms] of units) {
    if (Math.abs(delta) >= ms) return relative.format(Math.round(delta / ms), unit);
  }
  return relative.format(Math.round(delta / 1000), "second");
}

/** "1 h 02 min", "4 min 05 s", "3.2 s", "180 ms". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const pad = (n: number) => String(n).padStart(2, "0");
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** An instant in the reader's zone; hovering tells it exactly, in UTC. */
export function Instant({
  at,
  format = formatInstant,
  ...text
}: { at: string; format?: (at: string) => string } & TextProps) {
  return (
    <Tooltip label={new Date(at).toISOString().replace("T", " ").replace("Z", " UTC")}>
      <Text
        component="time"
        dateTime={at}
        inherit={text.size === undefined}
        span
        className="tabular"
        {...text}
      >
        {format(at)}
      </Text>
    </Tooltip>
  );
}
