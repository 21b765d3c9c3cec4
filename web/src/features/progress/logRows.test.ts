import fc from "fast-check";
import { expect, test } from "vitest";
import { indexAt, startsOf } from "./logRows";

test("a text takes as many rows as its columns fill; what may be wider counts as wider, a new line as a new row", () => {
  const rows = (text: string, columns: number) => startsOf([text], 1, columns)[1];
  expect(rows("", 10)).toBe(1);
  expect(rows("0123456789", 10)).toBe(1);
  expect(rows("0123456789a", 10)).toBe(2);
  expect(rows("漢字漢字漢字", 10)).toBe(2);
  expect(rows("a\nb\n", 10)).toBe(3);
  expect(startsOf(["a", "b"], 2, 10, 1)).toEqual(Uint32Array.of(0, 2, 4));
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
