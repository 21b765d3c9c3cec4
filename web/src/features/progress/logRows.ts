/** What is not as wide as a column of the log's font in every browser counts as two. */
const wide = /[^\x20-\x7e]/g;

function rowsOf(text: string, columns: number): number {
  if (text.length <= columns && text.search(wide) < 0) return 1;
  let rows = 0;
  for (const part of text.split("\n")) {
    const width = part.length + (part.match(wide)?.length ?? 0);
    rows += Math.max(1, Math.ceil(width / columns));
  }
  return rows;
}

/**
 * At which row each text begins that is broken after so many columns, and behind them where the last one ends: known without
 * drawing any. `above` rows of each come on top of its text.
 */
export function startsOf(texts: Iterable<string>, count: number, columns: number, above = 0): Uint32Array {
  const starts = new Uint32Array(count + 1);
  let i = 0;
  for (const text of texts) {
    starts[i + 1] = (starts[i] ?? 0) + above + rowsOf(text, columns);
    i++;
  }
  return starts;
}

/** Which text stands at a row; the last one where the row is beyond. */
export function indexAt(starts: Uint32Array, row: number): number {
  let low = 0;
  let high = Math.max(0, starts.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
