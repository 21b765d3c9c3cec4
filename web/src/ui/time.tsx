import { Suspense, useState } from "react";
import { t } from "../app/texts";
import { later } from "./later";

const TimeTip = later(async () => (await import("./TimeTip")).TimeTip);

const shapes = {
  full: { dateStyle: "medium", timeStyle: "short" },
  day: { dateStyle: "medium" },
  moment: { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
  clock: { timeStyle: "medium" },
  line: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  parts: { dateStyle: "short", timeStyle: "medium" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

let zoneName = "";
const made = new Map<string, Intl.DateTimeFormat>();

/** The format in the zone that is shown, made when it is first asked for: a browser takes milliseconds for each. "parts" is the same everywhere. */
function inZone(shape: keyof typeof shapes): Intl.DateTimeFormat {
  const key = `${shape} ${zoneName}`;
  const known = made.get(key);
  if (known) return known;
  const locale = shape === "parts" ? "en-GB" : undefined;
  const format = new Intl.DateTimeFormat(locale, { ...shapes[shape], timeZone: zoneName || undefined });
  made.set(key, format);
  return format;
}

/** Whether this browser knows a time zone of that name. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat(undefined, { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Chooses the zone that times are shown in from now on; "", or one that the browser does not know, is the browser's. */
export function setZone(zone: string) {
  zoneName = zone !== "" && isZone(zone) ? zone : "";
}

export const formatInstant = (instant: string | Date) => inZone("full").format(new Date(instant));
export const formatDay = (instant: string | Date) => inZone("day").format(new Date(instant));
/** Without the year, for what is of now. */
export const formatMoment = (instant: string | Date) => inZone("moment").format(new Date(instant));
export const formatClock = (instant: string | Date) => inZone("clock").format(new Date(instant));
/** Of one width wherever it is read, for lines beneath one another. */
export const formatLineClock = (instant: string | Date) => inZone("line").format(new Date(instant));

/** "2026-11-25 14:05", the same wherever it is read, for what becomes part of a name. */
export function formatStamp(instant: Date): string {
  const zone = zoneName || undefined;
  const part = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      timeZone: zone,
    })
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}`;
}

/** The name of the zone that times are shown in. */
export const shownZone = () => zoneName || Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What clock and calendar show at an instant in the zone that is shown: "2026-11-25 14:05:00". */
export function toWall(instant: string | number): string {
  const at = new Date(instant).getTime();
  return new Date(at + offsetAt(at)).toISOString().slice(0, 19).replace("T", " ");
}

/** The instant at which clock and calendar show this in the zone that is shown; null where it is no time. */
export function fromWall(text: string): Date | null {
  const wall = Date.parse(`${text.replace(" ", "T")}Z`);
  if (Number.isNaN(wall)) return null;
  // twice, since the first guess may lie on the other side of a change of the clock
  let at = wall;
  for (let i = 0; i < 2; i++) at = wall - offsetAt(at);
  return new Date(at);
}

/** The instant at which a day ("2026-11-25", and `after` days later) begins in the zone that is shown; null where it is no day. */
export function startOfDay(day: string, after = 0): Date | null {
  const [year, month, date] = day.split("-").map(Number);
  const wall = Date.UTC(year ?? 0, (month ?? 0) - 1, (date ?? 0) + after);
  if (
    !/^\d{4}-\d\d-\d\d$/.test(day) ||
    new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, date)).toISOString().slice(0, 10) !== day
  )
    return null;
  return fromWall(new Date(wall).toISOString().slice(0, 19));
}

/** How far the zone's clock is ahead of UTC at an instant, in ms. */
function offsetAt(at: number): number {
  const part = Object.fromEntries(
    inZone("parts")
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour % 24, minute, second) - Math.floor(at / 1000) * 1000;
}

const units = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** "3 min ago", measured at `now` (ms since the epoch). In our own words: the browser's take it long to load. */
export function formatAgo(instant: string, now: number): string {
  const delta = new Date(instant).getTime() - now;
  for (const [unit, ms] of units) {
    if (Math.abs(delta) < ms) continue;
    const count = Math.round(Math.abs(delta) / ms);
    return delta < 0 ? t.time.ago(count, unit) : t.time.ahead(count, unit);
  }
  return t.time.now;
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

/** How long something has been going on: in whole seconds, since it is read while they pass. */
export const formatElapsed = (ms: number) =>
  ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : formatDuration(ms);

type InstantProps = { at: string; format?: (at: string) => string };

/** An instant in the reader's zone; hovering tells it exactly, in UTC. */
export function Instant({ at, format = formatInstant }: InstantProps) {
  const [hovered, setHovered] = useState(false);
  const time = (
    <time
      dateTime={at}
      className="tabular"
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
    >
      {format(at)}
    </time>
  );
  // a table has many times, of which few are hovered
  if (!hovered) return time;
  return (
    <Suspense fallback={time}>
      <TimeTip at={at}>{time}</TimeTip>
    </Suspense>
  );
}
