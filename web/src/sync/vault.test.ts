import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sampleState } from "../testing/sample";
import { draftOf } from "./draft";
import { belongTo } from "./owner";
import { type Kept, keep, keptForMs, sweep, takeOver } from "./vault";
import { allowRecovery, useWizardStore } from "./wizardStore";

const base = draftOf(sampleState());
const unsent = { mine: { ...base, name: "mine" }, base, version: 4, sent: [], edited: {} };
const kept = (adding = ""): Kept => ({ unsent, adding });

/** The names of the entries of all windows. */
const stored = () => Object.keys(localStorage).filter((key) => key.startsWith("olorin-draft/"));

/** Puts an entry into the storage as another window would have. */
const fromWindow = (window: string, id: string, entry: unknown, at = new Date(), user = "ana") =>
  localStorage.setItem(
    `olorin-draft/${user}/${window}/${id}`,
    JSON.stringify({ ...(entry as object), at: at.toISOString() }),
  );

beforeEach(() => {
  localStorage.clear();
  belongTo("ana");
});
afterEach(() => {
  vi.restoreAllMocks();
  useWizardStore.setState({ unsent: {}, adding: {}, kept: true, recovery: true });
});

test("each window keeps its own entry, and another's is taken over once it is held", async () => {
  fromWindow("other", "a", kept("u_1"));
  fromWindow("other", "b", kept());
  keep("a", { unsent: undefined, adding: "mine" });
  expect(stored()).toHaveLength(3);
  const taken: Kept[] = [];
  let held = () => {};
  takeOver(
    "a",
    (left) => {
      taken.push(left);
      return new Promise((resolve) => {
        held = resolve;
      });
    },
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(taken).toEqual([kept("u_1")]));
  expect(stored()).toHaveLength(3);
  held();
  await vi.waitFor(() => expect(stored()).toHaveLength(2));
});

test("what cannot be read or is older than a week is not taken over, and swept away", async () => {
  localStorage.setItem("olorin-draft/ana/other/a", "{");
  fromWindow("old", "a", kept(), new Date(Date.now() - keptForMs));
  fromWindow("strange", "a", { unsent: { mine: "?" } });
  localStorage.setItem("olorin-review a 1", '"what an earlier version kept for ever"');
  const adopt = vi.fn(async () => {});
  takeOver("a", adopt, new AbortController().signal);
  await Promise.resolve();
  expect(adopt).not.toHaveBeenCalled();
  sweep();
  expect(Object.keys(localStorage)).toEqual([]);
});

test("nobody is given what another typed in this browser, and it waits for whoever typed it", async () => {
  fromWindow("other", "a", kept("u_1"), new Date(), "ben");
  const taken: Kept[] = [];
  const adopt = async (left: Kept) => {
    taken.push(left);
  };
  takeOver("a", adopt, new AbortController().signal);
  await new Promise((resolve) => setTimeout(resolve));
  expect(taken).toEqual([]);
  belongTo("ben");
  takeOver("a", adopt, new AbortController().signal);
  await vi.waitFor(() => expect(taken).toEqual([kept("u_1")]));
  expect(stored()).toEqual([]);
});

test("an entry is kept while it differs, and no longer", () => {
  const { hold } = useWizardStore.getState();
  hold("a", { unsent });
  hold("a", { adding: "u_" });
  expect(stored()).toHaveLength(1);
  hold("a", { unsent: undefined });
  expect(useWizardStore.getState()).toMatchObject({ unsent: {}, adding: { a: "u_" } });
  expect(stored()).toHaveLength(1);
  hold("a", { adding: "" });
  expect(stored()).toEqual([]);
});

test("a full or refused storage stops nobody from typing, and is told until it is over", () => {
  const { hold } = useWizardStore.getState();
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  hold("b", { unsent });
  expect(useWizardStore.getState()).toMatchObject({ unsent: { b: unsent }, kept: false });
  full.mockRestore();
  hold("b", { unsent });
  expect(useWizardStore.getState().kept).toBe(true);
});

test("where no copy is wanted none is left", () => {
  fromWindow("other", "a", kept());
  allowRecovery(false);
  useWizardStore.getState().hold("b", { unsent });
  expect(stored()).toEqual([]);
  expect(useWizardStore.getState()).toMatchObject({ unsent: { b: unsent }, kept: true });
});
