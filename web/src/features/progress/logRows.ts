const [newLine, space] = [0x0a, 0x20];

/** What is not as wide as a column of the log's font in every browser counts as two. */
const widthOf = (code: number) => (code >= space && code <= 0x7e ? 1 : 2);

/** The second half of a character that takes two. */
const isHalf = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/**
 * Where a text is broken so that no row has more than so many columns: behind the last space that fits, or within a word
 * that is longer than a row. A space at the end hangs over. New lines break the text by themselves and are not among these.
 */
export function breaksOf(text: string, columns: number): number[] {
  const breaks: number[] = [];
  let row = 0; // where it begins
  let width = 0; // of the row
  let word = 0; // where it begins
  let wordWidth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === newLine) {
      row = word = at + 1;
      width = wordWidth = 0;
      continue;
    }
    const taken = widthOf(code);
    if (width + taken > columns && code !== space && at > row && !isHalf(code)) {
      if (word === row) {
        word = at;
        wordWidth = 0;
      }
      row = word;
      width = wordWidth;
      breaks.push(row);
    }
    width += taken;
    wordWidth += taken;
    if (code === space) {
      word = at + 1;
      wordWidth = 0;
    }
  }
  return breaks;
}

function rowsOf(text: string, columns: number): number {
  let rows = 1 + (text.length > columns / 2 ? breaksOf(text, columns).length : 0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) rows++;
  return rows;
}

/**
 * At which row each text begins, and behind them where the last one ends: known without drawing any. `above` rows of each come
 * on top of its text.
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
