import fc from "fast-check";
import { expect, test } from "vitest";
import { breaksOf, indexAt, startsOf } from "./logRows";

test("a text takes as many rows as its columns fill; what may be wider counts as wider, a new line as a new row", () => {
  const rows = (text: string, columns: number) => startsOf([text], 1, columns)[1];
  expect(rows("", 10)).toBe(1);
  expect(rows("0123456789", 10)).toBe(1);
  expect(rows("0123456789a", 10)).toBe(2);
  expect(rows("漢字漢字漢字", 10)).toBe(2);
  expect(rows("a\nb\n", 10)).toBe(3);
  expect(startsOf(["a", "b"], 2, 10, 1)).toEqual(Uint32Array.of(0, 2, 4));
});

/** The rows of a text, as they are drawn. */
function drawn(text: string, columns: number): string[] {
  const cuts = [0, ...breaksOf(text, columns)];
  return cuts.flatMap((from, i) => text.slice(from, cuts[i + 1]).split("\n"));
}

test("a text is broken between its words, and within one only where it is longer than a row", () => {
  expect(drawn("read rows of the window", 9)).toEqual(["read rows ", "of the ", "window"]);
  expect(drawn("an address 2001:db8:85a3::8a2e:370:7334 was seen", 16)).toEqual([
    "an address ",
    "2001:db8:85a3::8",
    "a2e:370:7334 was ",
    "seen",
  ]);
  expect(drawn("eins\nzwei drei vier", 9)).toEqual(["eins", "zwei drei ", "vier"]);
  expect(drawn("€€€ €€", 8)).toEqual(["€€€ ", "€€"]);
});

test("rows hold the whole text, none is wider than it may be, and no word is broken that fits", () => {
  const word = fc.string({ unit: fc.constantFrom(..."ab-/.:7é字😀"), minLength: 1, maxLength: 30 });
  const width = (text: string) =>
    [...text].reduce((sum, char) => sum + (/[ -~]/.test(char) ? 1 : 2 * char.length), 0);
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 20, max: 60 }),
      (words, columns) => {
        const text = words.join(" ");
        const rows = drawn(text, columns);
        expect(rows.join("")).toBe(text);
        expect(rows.length).toBe(startsOf([text], 1, columns)[1]);
        for (const row of rows) expect(width(row.trimEnd())).toBeLessThanOrEqual(columns + 3);
        for (const whole of words)
          if (width(whole) <= columns / 2) expect(rows.some((row) => row.includes(whole))).toBe(true);
      },
    ),
  );
});

test("every row belongs to the text that begins at it or last began before it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 60 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 20 }),
      (texts, columns) => {
        const starts = startsOf(texts, texts.length, columns);
        texts.forEach((_, i) => {
          for (let row = starts[i] ?? 0; row < (starts[i + 1] ?? 0); row++)
            expect(indexAt(starts, row)).toBe(i);
        });
        expect(indexAt(starts, 1e9)).toBe(texts.length - 1);
      },
    ),
  );
  expect(indexAt(startsOf([], 0, 10), 5)).toBe(0);
});
