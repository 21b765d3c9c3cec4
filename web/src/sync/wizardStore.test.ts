import { expect, test } from "vitest";
import { sampleState } from "../testing/sample";
import { draftOf } from "./draft";
import { readStored, useWizardStore, wizardStorageKey } from "./wizardStore";

const entry = { mine: { ...draftOf(sampleState()), name: "mine" }, base: draftOf(sampleState()), version: 4 };

test("what was stored is read back", () => {
  expect(readStored(JSON.parse(JSON.stringify({ unsent: { a: entry } })))).toEqual({ unsent: { a: entry } });
});

test("an entry that cannot be read is left out, and takes no other with it", () => {
  const stored = { unsent: { a: entry, b: { mine: "?" }, c: null, d: { ...entry, version: "four" } } };
  expect(Object.keys(readStored(stored).unsent)).toEqual(["a"]);
});

test("rubbish is an empty store", () => {
  for (const stored of [null, 7, "x", [], { unsent: 3 }, undefined])
    expect(readStored(stored)).toEqual({ unsent: {} });
});

test("entries survive the page", async () => {
  useWizardStore.getState().put("a", entry);
  expect(JSON.parse(localStorage.getItem(wizardStorageKey) ?? "{}").state.unsent.a.mine.name).toBe("mine");
  useWizardStore.setState({ unsent: {} });
  localStorage.setItem(
    wizardStorageKey,
    JSON.stringify({ state: { unsent: { a: entry, bad: 1 } }, version: 0 }),
  );
  await useWizardStore.persist.rehydrate();
  expect(useWizardStore.getState().unsent).toEqual({ a: entry });
});

test("a full storage stops nobody from typing", () => {
  const full = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const original = Storage.prototype.setItem;
  Storage.prototype.setItem = full;
  try {
    useWizardStore.getState().put("b", entry);
    expect(useWizardStore.getState().unsent.b).toEqual(entry);
  } finally {
    Storage.prototype.setItem = original;
  }
});
