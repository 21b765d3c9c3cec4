import type { Column } from "../../api/dataset";

/** Corrections by hand: canonical column by source column; "" is "not used". */
export type Corrections = Readonly<Record<string, string>>;

/** What a source column means with the corrections. */
export const meaningOf = (column: Column, corrections: Corrections) =>
  corrections[column.source] ?? column.canonical;

/**
 * Gives a source column a meaning. A meaning belongs to one column only, so the column that had
 * it loses it. A correction back to what was recognised is none.
 */
export function correct(
  columns: Column[],
  corrections: Corrections,
  source: string,
  canonical: string,
): Corrections {
  const next: Record<string, string> = {};
  for (const column of columns) {
    const now = meaningOf(column, corrections);
    const meaning = column.source === source ? canonical : now !== "" && now === canonical ? "" : now;
    if (meaning !== column.canonical) next[column.source] = meaning;
  }
  return next;
}

/** The whole mapping, canonical → source, as the server wants it. */
export function mappingOf(columns: Column[], corrections: Corrections): Record<string, string> {
  const mapping: Record<string, string> = {};
  for (const column of columns) {
    const meaning = meaningOf(column, corrections);
    if (meaning !== "") mapping[meaning] = column.source;
  }
  return mapping;
}
