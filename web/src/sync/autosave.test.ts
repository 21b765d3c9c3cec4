import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Draft, Investigation } from "../api/investigation";
import { ApiError, problem } from "../api/problem";
import { sampleState } from "../testing/sample";
import { Autosave, debounceMs, longestWaitMs, type SaveState } from "./autosave";
import type { Unsent } from "./wizardStore";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What a server does with a save: compare the version, then write. */
function server(initial: Investigation) {
  let state = initial;
  const calls: { draft: Draft; version: number }[] = [];
  return {
    calls,
    get state() {
      return state;
    },
    /** Somebody else's save. */
    change(change: Partial<Draft>) {
      state = { ...state, ...change, version: state.version + 1 };
      return state;
    },
    async write(draft: Draft, version: number) {
      calls.push({ draft, version });
      if (version !== state.version) {
        throw new ApiError(problem.parse({ status: 412, code: "stale_version", current: state }));
      }
      state = { ...state, ...draft, version: state.version + 1 };
      return { saved: state, durable: true };
    },
  };
}

function open(
  save: (draft: Draft, version: number) => Promise<{ saved: Investigation; durable: boolean }>,
  stored?: Unsent,
) {
  let unsent = stored;
  const states: SaveState[] = [];
  const autosave = new Autosave({
    save: (draft, version) => save(draft, version),
    unsent: () => unsent,
    setUnsent: (entry) => {
      unsent = entry;
    },
    onServerState: () => {},
    onState: (state) => states.push(state),
    backoff: () => ({ multiplier: 2, maxMs: 30_000 }),
    random: () => 0.5,
  });
  return { autosave, states, unsent: () => unsent, kinds: () => states.map((s) => s.kind) };
}

const named = (name: string) => (draft: Draft) => ({ ...draft, name });
const threshold = (risk_threshold: number) => (draft: Draft) => ({
  ...draft,
  settings: { ...draft.settings, risk_threshold },
});

test("a pause in typing saves once, and only the server's answer says saved", async () => {
  const remote = server(sampleState());
  const { autosave, kinds, unsent } = open(remote.write);
  autosave.serverMoved(remote.state);
  for (const name of ["C", "Ca", "Cas", "Case 7"]) {
    autosave.edit(named(name));
    await vi.advanceTimersByTimeAsync(debounceMs - 1);
  }
  expect(remote.calls).toHaveLength(0);
  expect(kinds()).not.toContain("saved");
  await vi.advanceTimersByTimeAsync(1);
  expect(remote.calls.map((c) => c.draft.name)).toEqual(["Case 7"]);
  expect(kinds().at(-1)).toBe("saved");
  expect(unsent()).toBeUndefined();
});

test("an idle form writes nothing, nor does an entry that was taken back", async () => {
  const remote = server(sampleState());
  const { autosave } = open(remote.write);
  autosave.serverMoved(remote.state);
  autosave.edit(named("X"));
  autosave.edit(named("Case"));
  autosave.edit((draft) => structuredClone(draft));
  await vi.advanceTimersByTimeAsync(60_000);
  await autosave.flush();
  expect(remote.calls).toHaveLength(0);
});

test("who never pauses is saved all the same", async () => {
  const remote = server(sampleState());
  const { autosave } = open(remote.write);
  autosave.serverMoved(remote.state);
  for (let i = 0; i * 500 < longestWaitMs; i++) {
    autosave.edit(named(`n${i}`));
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(remote.calls.length).toBe(1);
});

test("one save at a time: what is typed meanwhile goes on top of it", async () => {
  const remote = server(sampleState());
  let release = () => {};
  const { autosave, kinds } = open(async (draft, version) => {
    const answer = await remote.write(draft, version);
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return answer;
  });
  autosave.serverMoved(remote.state);
  autosave.edit(named("one"));
  await vi.advanceTimersByTimeAsync(debounceMs);
  autosave.edit(named("two"));
  // its own save arrives by poll before the answer does
  autosave.serverMoved(remote.state);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(remote.calls).toHaveLength(1);
  release();
  await vi.advanceTimersByTimeAsync(debounceMs);
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(remote.calls.map((c) => c.version)).toEqual([1, 2]);
  expect(remote.state.name).toBe("two");
  expect(kinds()).not.toContain("conflict");
});

test("changes of different fields settle silently", async () => {
  const remote = server(sampleState());
  const { autosave, kinds } = open(remote.write);
  autosave.serverMoved(remote.state);
  autosave.edit(threshold(80));
  remote.change({ name: "Theirs" });
  await autosave.flush();
  expect(remote.state).toMatchObject({ name: "Theirs", settings: { risk_threshold: 80 } });
  expect(kinds()).not.toContain("conflict");
});

test("a field that both changed asks, sends nothing, and does as it is told", async () => {
  for (const [choice, expected] of [
    ["mine", "Mine"],
    ["theirs", "Theirs"],
  ] as const) {
    const remote = server(sampleState());
    const { autosave, states, unsent } = open(remote.write);
    autosave.serverMoved(remote.state);
    autosave.edit(named("Mine"));
    autosave.edit(threshold(10));
    remote.change({ name: "Theirs" });
    await autosave.flush();
    const asked = states.at(-1);
    expect(asked).toMatchObject({ kind: "conflict", merge: { colliding: ["name"] } });
    const before = remote.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(remote.calls).toHaveLength(before);
    autosave.resolve({ name: choice });
    await vi.advanceTimersByTimeAsync(0);
    expect(remote.state).toMatchObject({ name: expected, settings: { risk_threshold: 10 } });
    expect(unsent()).toBeUndefined();
  }
});

test("a failure of the network keeps the entry, says when it tries again, and tries", async () => {
  const remote = server(sampleState());
  let up = false;
  const { autosave, states, unsent } = open(async (draft, version) => {
    if (!up) throw new ApiError(problem.parse({ status: 0, detail: "no answer" }));
    return remote.write(draft, version);
  });
  autosave.serverMoved(remote.state);
  autosave.edit(named("kept"));
  await vi.advanceTimersByTimeAsync(debounceMs);
  expect(states.at(-1)).toMatchObject({
    kind: "failed",
    reason: "No answer",
    retryAt: new Date(Date.now() + 2000),
  });
  expect(unsent()?.mine.name).toBe("kept");
  up = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(remote.state.name).toBe("kept");
});

test("a refusal is told with its faults and not repeated until something changes", async () => {
  const faults = [{ pointer: "/name", code: "required", detail: "Give it a name" }];
  const save = vi.fn(async () => {
    throw new ApiError(problem.parse({ status: 422, detail: "refused", errors: faults }));
  });
  const { autosave, states } = open(save);
  autosave.serverMoved(sampleState());
  autosave.edit(named(""));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(save).toHaveBeenCalledTimes(1);
  expect(states.at(-1)).toMatchObject({ kind: "failed", faults, retryAt: null });
  autosave.edit(named("better"));
  await vi.advanceTimersByTimeAsync(debounceMs);
  expect(save).toHaveBeenCalledTimes(2);
});

test("an entry that outlived its page is merged with what the server holds and sent", async () => {
  const remote = server(sampleState({ version: 5, name: "Renamed meanwhile" }));
  const base = { name: "Case", wizard_step: "settings", settings: sampleState().settings } as const;
  const mine = threshold(33)(base);
  const { autosave, unsent } = open(remote.write, { base, mine, version: 3 });
  autosave.serverMoved(remote.state);
  expect(autosave.draft()).toMatchObject({ name: "Renamed meanwhile", settings: { risk_threshold: 33 } });
  await vi.advanceTimersByTimeAsync(debounceMs);
  expect(remote.state).toMatchObject({ name: "Renamed meanwhile", settings: { risk_threshold: 33 } });
  expect(unsent()).toBeUndefined();
});

test("a save held in memory is not called durable", async () => {
  const remote = server(sampleState());
  const { autosave, states } = open(async (draft, version) => ({
    ...(await remote.write(draft, version)),
    durable: false,
  }));
  autosave.serverMoved(remote.state);
  autosave.edit(named("x"));
  await vi.advanceTimersByTimeAsync(debounceMs);
  expect(states.at(-1)).toMatchObject({ kind: "saved", durable: false });
});
