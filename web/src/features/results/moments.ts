import type { Results } from "../../api/results";
import { type Severity, severities } from "../../api/severity";

type Entry = Results["timeline"][number];

export type Moment = {
  at: string;
  row: number;
  /** What is found of the row, the gravest first. */
  found: { severity: Severity; entries: Entry[] }[];
};

/** The rows that stand out, in order of time, each with all that is found of it. */
export function moments(entries: Results["timeline"]): Moment[] {
  const rows = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.at} ${entry.row}`;
    rows.set(key, [...(rows.get(key) ?? []), entry]);
  }
  return [...rows.values()]
    .flatMap((entries) => {
      const [first] = entries;
      if (!first) return [];
      const found = severities.toReversed().flatMap((severity) => {
        const own = entries.filter((entry) => entry.severity === severity);
        return own.length > 0 ? [{ severity, entries: own }] : [];
      });
      return [{ at: first.at, row: first.row, found }];
    })
    .sort((a, b) => a.at.localeCompare(b.at) || a.row - b.row);
}

/** The first entry of each title, with how many have it: a check finds the same row for a user, a device and a card. */
export function byTitle(entries: readonly Entry[]): [first: Entry, times: number][] {
  const titles = new Map<string, [Entry, number]>();
  for (const entry of entries) {
    const [first, times] = titles.get(entry.title) ?? [entry, 0];
    titles.set(entry.title, [first, times + 1]);
  }
  return [...titles.values()];
}
