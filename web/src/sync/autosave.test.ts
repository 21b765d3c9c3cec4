import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Entity } from "../api/entity";
import type { Draft, Investigation } from "../api/investigation";
import { ApiError, problem } from "../api/problem";
import { sampleState } from "../testing/sample";
import { Autosave, debounceMs, longestWaitMs, type SaveState } from "./autosave";
import { differing, draftOf } from "./draft";
import type { Held, Unsent } from "./vault";

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
  let held: Held | undefined;
  let lost = 0;
  let open = true;
  const states: SaveState[] = [];
  const autosave = new Autosave({
    save: (draft, version) => (open ? save(draft, version) : new Promise(() => undefined)),
    unsent: () => unsent,
    setUnsent: (entry) => {
      if (open) unsent = entry;
    },
    held: () => held,
    setHeld: (next) => {
      held = next;
    },
    onLost: () => {
      lost += 1;
    },
    onServerState: () => {},
    onState: (state) => states.push(state),
    backoff: () => ({ multiplier: 2, maxMs: 30_000 }),
    random: () => 0.5,
  });
  /** The page is closed: what comes later changes nothing of what it kept, and it sends no more. */
  const gone = () => {
    open = false;
  };
  return {
    autosave,
    states,
    gone,
    unsent: () => unsent,
    held: () => held,
    lost: () => lost,
    kinds: () => states.map((s) => s.kind),
  };
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
    expect(asked).toMatchObject({ kind: "conflict", collisions: [{ key: "name" }] });
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
  const { autosave, unsent } = open(remote.write, { base, mine, version: 3, sent: [], edited: {} });
  autosave.serverMoved(remote.state);
  expect(autosave.draft()).toMatchObject({ name: "Renamed meanwhile", settings: { risk_threshold: 33 } });
  await vi.advanceTimersByTimeAsync(debounceMs);
  expect(remote.state).toMatchObject({ name: "Renamed meanwhile", settings: { risk_threshold: 33 } });
  expect(unsent()).toBeUndefined();
});

/** A server whose database is full: it holds what it takes, and a crash loses it. */
function full(initial: Investigation) {
  let state = initial;
  let second = 0;
  return {
    get state() {
      return state;
    },
    /** The state and how far it is durable after the disk has room again, or after a crash. */
    recovers: () => state,
    crashes: (meanwhile: Partial<Investigation> = {}) => {
      state = { ...initial, ...meanwhile };
      return state;
    },
    async write(draft: Draft, version: number) {
      if (version !== state.version) {
        throw new ApiError(problem.parse({ status: 412, code: "stale_version", current: state }));
      }
      second += 1;
      const edit = { version: version + 1, by: "me", at: `2026-01-01T00:00:0${second}Z` };
      const fields = differing(draftOf(state), draft);
      const edits = { ...state.edits, ...Object.fromEntries(fields.map((field) => [field, edit])) };
      state = { ...state, ...draft, edits, version: version + 1 };
      return { saved: state, durable: false };
    },
  };
}

test("a save held in memory is not called durable before it is", async () => {
  const remote = full(sampleState());
  const { autosave, states, held } = open(remote.write);
  autosave.serverMoved(remote.state);
  autosave.edit(named("x"));
  await vi.advanceTimersByTimeAsync(debounceMs);
  expect(states.at(-1)).toMatchObject({ kind: "saved", durable: false });
  autosave.serverMoved(remote.state, 1);
  expect(states.at(-1)).toMatchObject({ kind: "saved", durable: false });
  autosave.serverMoved(remote.recovers());
  expect(states.at(-1)).toMatchObject({ kind: "saved", durable: true });
  expect(held()).toBeUndefined();
});

test("what the server held and lost is sent again, also where somebody else's events took its numbers", async () => {
  for (const meanwhile of [{}, { version: 3, name: "Theirs" }]) {
    const remote = full(sampleState());
    const { autosave, kinds, lost, unsent, held } = open(remote.write);
    autosave.serverMoved(remote.state);
    autosave.edit(threshold(80));
    await autosave.flush();
    autosave.edit((draft) => ({ ...draft, wizard_step: "results" }));
    await autosave.flush();
    expect(unsent()).toBeUndefined();
    expect(held()?.mine).toMatchObject({ wizard_step: "results", settings: { risk_threshold: 80 } });

    autosave.serverMoved(remote.crashes(meanwhile));
    expect(lost()).toBe(1);
    expect(autosave.draft()).toMatchObject({ wizard_step: "results", settings: { risk_threshold: 80 } });
    await autosave.flush();
    expect(remote.state).toMatchObject({
      name: meanwhile.name ?? "Case",
      wizard_step: "results",
      settings: { risk_threshold: 80 },
    });
    expect(kinds()).not.toContain("conflict");
  }
});

test("a keystroke that meets the loss first loses nothing either", async () => {
  const remote = full(sampleState());
  const { autosave, lost } = open(remote.write);
  autosave.serverMoved(remote.state);
  autosave.edit(threshold(80));
  await autosave.flush();
  remote.crashes();
  autosave.edit(named("typed on"));
  await autosave.flush();
  expect(lost()).toBe(1);
  expect(remote.state).toMatchObject({ name: "typed on", settings: { risk_threshold: 80 } });
});

const left = (mine: Draft, base: Draft, version = 1): Unsent => ({
  mine,
  base,
  version,
  sent: [],
  edited: {},
});

test("what another window left joins what is entered here; what both entered is asked about", async () => {
  const remote = server(sampleState());
  const { autosave, states, unsent } = open(remote.write);
  const base = { name: "Case", wizard_step: "settings", settings: sampleState().settings } as const;
  autosave.serverMoved(remote.state);
  autosave.edit(named("Here"));
  await autosave.adopt(left(threshold(7)(base), base));
  expect(autosave.draft()).toMatchObject({ name: "Here", settings: { risk_threshold: 7 } });

  let held = false;
  void autosave.adopt(left(named("There")(base), base)).then(() => {
    held = true;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states.at(-1)).toMatchObject({ kind: "conflict", window: true, collisions: [{ key: "name" }] });
  expect(held).toBe(false);
  expect(remote.calls).toHaveLength(0);
  autosave.resolve({ name: "theirs" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(held).toBe(true);
  expect(remote.state).toMatchObject({ name: "There", settings: { risk_threshold: 7 } });
  expect(unsent()).toBeUndefined();
});

test("rolling back shows what the server holds, and sends nothing", async () => {
  const remote = server(sampleState());
  const { autosave } = open(remote.write);
  autosave.serverMoved(remote.state);
  autosave.edit(named("Mine"));
  autosave.rollBack();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(autosave.draft()?.name).toBe("Case");
  expect(remote.calls).toHaveLength(0);
});

/** One thing that happens: I type, somebody else adds an entity, time passes, the page is closed and opened again. */
const happenings = fc.array(
  fc.oneof(
    fc.constant({ kind: "type" } as const),
    fc.constant({ kind: "add" } as const),
    fc.constant({ kind: "theirs" } as const),
    fc.constant({ kind: "reopen" } as const),
    fc.nat(3000).map((ms) => ({ kind: "wait", ms }) as const),
  ),
  { minLength: 1, maxLength: 25 },
);
/** What becomes of each save: it is written or not, and its answer comes or not. */
const fates = fc.infiniteStream(
  fc.record({ written: fc.boolean(), answered: fc.boolean(), ms: fc.nat(2000) }),
);

test("whatever answers are lost and whenever the page is closed: no character is lost, and nobody collides with themselves", async () => {
  await fc.assert(
    fc.asyncProperty(happenings, fates, async (script, fate) => {
      const remote = server(sampleState());
      let steady = false;
      const save = async (draft: Draft, version: number) => {
        const next = fate.next().value;
        if (steady || !next) return remote.write(draft, version);
        await new Promise((resolve) => setTimeout(resolve, next.ms));
        const answer = next.written ? await remote.write(draft, version) : null;
        if (answer && next.answered) return answer;
        throw new ApiError(problem.parse({ status: 0 }));
      };
      const entity = (value: string): Entity => ({ type: "user_id", value });
      const grown = (d: Draft, value: string): Draft => ({
        ...d,
        settings: { ...d.settings, entities: [...d.settings.entities, entity(value)] },
      });
      let page = open(save);
      const asked: SaveState[] = [];
      page.autosave.serverMoved(remote.state);
      let [typed, mine, theirs] = ["", 0, 0];
      for (const happening of script) {
        if (happening.kind === "type") {
          typed += String.fromCharCode(97 + (typed.length % 26));
          page.autosave.edit(named(typed));
        } else if (happening.kind === "add") {
          const value = `mine ${mine++}`;
          page.autosave.edit((d) => grown(d, value));
        } else if (happening.kind === "theirs") {
          const now = remote.state;
          remote.change(grown(now, `theirs ${theirs++}`));
          page.autosave.serverMoved(remote.state);
        } else if (happening.kind === "reopen") {
          page.autosave.flushOnLeave();
          asked.push(...page.states);
          page.gone();
          page = open(save, structuredClone(page.unsent()));
          page.autosave.serverMoved(remote.state);
        } else {
          await vi.advanceTimersByTimeAsync(happening.ms);
        }
      }
      steady = true;
      await vi.advanceTimersByTimeAsync(120_000);
      asked.push(...page.states);
      expect(asked.filter((s) => s.kind === "conflict")).toEqual([]);
      if (typed) expect(remote.state.name).toBe(typed);
      const values = remote.state.settings.entities.map((e) => e.value).sort();
      const all = (who: string, n: number) => Array.from({ length: n }, (_, i) => `${who} ${i}`);
      expect(values).toEqual([...all("mine", mine), ...all("theirs", theirs)].sort());
      expect(page.unsent()).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
