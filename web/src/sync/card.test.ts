import { afterEach, expect, test } from "vitest";
import type { Entity } from "../api/entity";
import type { Draft } from "../api/investigation";
import { sampleState } from "../testing/sample";
import { isSealed } from "./card";
import { draftOf } from "./draft";
import { mergeDrafts, startedFrom } from "./threeWay";
import { keep } from "./vault";

const sample = draftOf(sampleState());
const of = (...entities: Entity[]): Draft => ({ ...sample, settings: { ...sample.settings, entities } });
const card = (value: string, label?: string): Entity => ({
  type: "card_number",
  value,
  ...(label ? { label } : {}),
});
const typed = "4111 1111 1111 1111";
const masked = "411111******1111";
const sealed = "411111******1111~7b7e6cb2";

afterEach(() => localStorage.clear());

test("a card as the server keeps it", () => {
  expect([sealed, masked, typed].map(isSealed)).toEqual([true, false, false]);
});

test("no card number in clear is put into the browser's storage, and nothing else is lost", () => {
  const mine = of(
    card(typed),
    card("4111111111111112", "check digit wrong"),
    { type: "user_id", value: "5555555555554444" },
    { type: "phone_number", value: "4911111111116" },
    { type: "account_id", value: "1234567890123" },
  );
  const unsent = { mine, base: of(), version: 3, sent: [mine], edited: {} };
  keep("a", { unsent, adding: `ana@example.com, ${typed}, 12345, 1234567890123` });
  const key = Object.keys(localStorage).find((name) => name.startsWith("olorin-draft/"));
  const text = localStorage.getItem(key ?? "") ?? "";
  expect(text).not.toMatch(/4111 1111|4111111111111112|5555555555554444/);
  const kept = JSON.parse(text);
  expect(kept.unsent.mine.settings.entities.map((e: Entity) => e.value)).toEqual([
    masked,
    "411111******1112",
    "555555******4444",
    "4911111111116",
    "1234567890123",
  ]);
  expect(kept.adding).toBe(`ana@example.com, ${masked}, 12345, 1234567890123`);
});

test("who sent a card never collides with it as the server keeps it, nor has it twice", () => {
  for (const mine of [typed, masked, sealed]) {
    const entry = of(card(mine, "stolen"));
    const from = startedFrom(of(), [of(card(mine))], of(card(sealed)));
    const { merged, collisions } = mergeDrafts(from, entry, of(card(sealed)));
    expect(collisions).toEqual([]);
    expect(merged.settings.entities).toEqual([card(sealed, "stolen")]);
  }
});

test("of two cards of one mask none is taken for the other", () => {
  const other = card("411111******1111~00000000");
  const { merged } = mergeDrafts(of(), of(card(masked)), of(card(sealed), other));
  expect(merged.settings.entities).toHaveLength(3);
});
