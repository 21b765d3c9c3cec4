import fc from "fast-check";
import { expect, test } from "vitest";
import type { Entity } from "../api/entity";
import type { Draft, ToolChoice } from "../api/investigation";
import { sampleState } from "../testing/sample";
import { draftOf } from "./draft";
import { align } from "./rows";
import { mergeDrafts, startedFrom } from "./threeWay";

const sample = draftOf(sampleState());
const withEntities = (entities: Entity[], draft = sample): Draft => ({
  ...draft,
  settings: { ...draft.settings, entities },
});
const withTools = (tool_matrix: ToolChoice[], draft = sample): Draft => ({
  ...draft,
  settings: { ...draft.settings, tool_matrix },
});
const user = (value: string, rest: Partial<Entity> = {}): Entity => ({ type: "user_id", value, ...rest });
const tool = (name: string, enabled: boolean, params?: Record<string, number>): ToolChoice => ({
  agent: "device",
  tool: name,
  enabled,
  ...(params ? { params } : {}),
});

/** What a person may do to a draft; `tag` is in every text of theirs, so that nothing of it can pass for another's. */
type Act = (draft: Draft, tag: string) => Draft;

const index = fc.nat(9);
const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.nat(99).map(
    (n): Act =>
      (d, tag) => ({ ...d, name: `${tag}${n}` }),
  ),
  fc.nat(9).map(
    (n): Act =>
      (d, tag) =>
        withEntities([...d.settings.entities, user(`${tag}-new${n}`)], d),
  ),
  fc.tuple(index, fc.constantFrom("value", "label"), fc.nat(99)).map(
    ([at, part, n]): Act =>
      (d, tag) =>
        withEntities(
          d.settings.entities.map((e, i) => (i === at ? { ...e, [part]: `${tag}${part}${n}` } : e)),
          d,
        ),
  ),
  index.map(
    (at): Act =>
      (d) =>
        withEntities(
          d.settings.entities.filter((_, i) => i !== at),
          d,
        ),
  ),
  fc.tuple(index, fc.integer({ min: 2, max: 10 })).map(
    ([at, weight]): Act =>
      (d) =>
        withEntities(
          d.settings.entities.map((e, i) => (i === at ? { ...e, weight } : e)),
          d,
        ),
  ),
  index.map(
    (at): Act =>
      (d) =>
        withEntities(
          d.settings.entities.map(({ primary: _, ...e }, i) => (i === at ? { ...e, primary: true } : e)),
          d,
        ),
  ),
  index.map(
    (at): Act =>
      (d) =>
        withTools(
          d.settings.tool_matrix.map((c, i) => (i === at ? { ...c, enabled: !c.enabled } : c)),
          d,
        ),
  ),
  fc.tuple(index, fc.constantFrom("n", "share"), fc.nat(50)).map(
    ([at, name, value]): Act =>
      (d) =>
        withTools(
          d.settings.tool_matrix.map((c, i) =>
            i === at ? { ...c, params: { ...c.params, [name]: value } } : c,
          ),
          d,
        ),
  ),
  fc.nat(100).map(
    (risk_threshold): Act =>
      (d) => ({ ...d, settings: { ...d.settings, risk_threshold } }),
  ),
);

const bases = fc
  .tuple(fc.uniqueArray(fc.nat(99), { maxLength: 4 }), fc.boolean(), fc.nat(5))
  .map(([values, primary, tools]) => {
    const entities = values.map((n, i) => user(`base${n}`, primary && i === 0 ? { primary: true } : {}));
    return withTools(
      Array.from({ length: tools }, (_, i) => tool(`T${i}`, i % 2 === 0)),
      withEntities(entities),
    );
  });

const sides = fc
  .tuple(bases, fc.array(acts, { maxLength: 6 }), fc.array(acts, { maxLength: 6 }))
  .map(([base, mine, theirs]) => ({
    base,
    mine: mine.reduce((d, act) => act(d, "m:"), base),
    theirs: theirs.reduce((d, act) => act(d, "t:"), base),
  }));

test("what only one side changed stands as it is", () => {
  fc.assert(
    fc.property(sides, ({ base, mine, theirs }) => {
      expect(mergeDrafts(base, mine, base)).toEqual({ merged: mine, collisions: [] });
      expect(mergeDrafts(base, base, theirs)).toEqual({ merged: theirs, collisions: [] });
      expect(mergeDrafts(base, mine, mine)).toEqual({ merged: mine, collisions: [] });
    }),
    { numRuns: 200 },
  );
});

test("it does not matter which side is called mine", () => {
  fc.assert(
    fc.property(sides, ({ base, mine, theirs }) => {
      const [one, other] = [mergeDrafts(base, mine, theirs), mergeDrafts(base, theirs, mine)];
      expect(other.collisions.map((c) => c.key).sort()).toEqual(one.collisions.map((c) => c.key).sort());
      const taken = Object.fromEntries(one.collisions.map((c) => [c.key, "theirs" as const]));
      expect(mergeDrafts(base, theirs, mine, taken).merged).toEqual(one.merged);
      expect(mergeDrafts(base, mine, theirs, taken).merged).toEqual(other.merged);
    }),
    { numRuns: 400 },
  );
});

/** Every text that a side wrote, and the base did not have. */
const written = (draft: Draft, tag: string) =>
  [draft.name, ...draft.settings.entities.flatMap((e) => [e.value, e.label ?? ""])].filter((text) =>
    text.startsWith(tag),
  );

test("nothing that either side wrote vanishes: it is in the merge, or it is asked about", () => {
  fc.assert(
    fc.property(sides, ({ base, mine, theirs }) => {
      const { merged, collisions } = mergeDrafts(base, mine, theirs);
      const kept = JSON.stringify(merged);
      const asked = JSON.stringify(collisions);
      for (const text of written(mine, "m:")) expect(kept).toContain(JSON.stringify(text));
      for (const text of written(theirs, "t:")) expect(kept + asked).toContain(JSON.stringify(text));
    }),
    { numRuns: 400 },
  );
});

test("a merge that was asked about nothing holds what both sides switched and set", () => {
  fc.assert(
    fc.property(sides, ({ base, mine, theirs }) => {
      const { merged, collisions } = mergeDrafts(base, mine, theirs);
      fc.pre(collisions.length === 0);
      const at = (draft: Draft, i: number) => draft.settings.tool_matrix[i];
      base.settings.tool_matrix.forEach((was, i) => {
        for (const side of [mine, theirs]) {
          if (at(side, i)?.enabled !== was.enabled) expect(at(merged, i)?.enabled).toBe(at(side, i)?.enabled);
          expect(at(merged, i)?.params ?? {}).toMatchObject(at(side, i)?.params ?? {});
        }
      });
    }),
    { numRuns: 200 },
  );
});

test("entities are merged row by row and part by part", () => {
  const base = withEntities([user("u_1", { primary: true }), user("u_2")]);
  const mine = withEntities([user("u_1", { primary: true, label: "Ana" }), user("u_2"), user("u_3")]);
  const theirs = withEntities([user("u_1", { primary: true, weight: 4 }), user("u_4")]);
  expect(mergeDrafts(base, mine, theirs)).toEqual({
    merged: withEntities([user("u_1", { primary: true, label: "Ana", weight: 4 }), user("u_4"), user("u_3")]),
    collisions: [],
  });
});

test("the same part of one entity is asked about, and only that", () => {
  const base = withEntities([user("u_1"), user("u_2")]);
  const mine = withEntities([user("u_1", { label: "Ana" }), user("u_2", { weight: 2 })]);
  const theirs = withEntities([user("u_1", { label: "Eve" }), user("u_2"), user("u_3")]);
  const { collisions } = mergeDrafts(base, mine, theirs);
  expect(collisions).toMatchObject([{ kind: "entity", part: "label", mine: "Ana", theirs: "Eve" }]);
  const settled = mergeDrafts(base, mine, theirs, { [collisions[0]?.key ?? ""]: "theirs" }).merged;
  expect(settled).toEqual(
    withEntities([user("u_1", { label: "Eve" }), user("u_2", { weight: 2 }), user("u_3")]),
  );
});

test("an entity that one removed and the other changed is asked about", () => {
  const base = withEntities([user("u_1"), user("u_2")]);
  const mine = withEntities([user("u_2")]);
  const theirs = withEntities([user("u_1", { label: "Eve" }), user("u_2")]);
  const { merged, collisions } = mergeDrafts(base, mine, theirs);
  expect(merged).toEqual(mine);
  expect(collisions).toMatchObject([{ kind: "removed", mine: null, theirs: { label: "Eve" } }]);
});

test("two first entities, added at once, are both there, one of them primary, and nobody is asked", () => {
  const { merged, collisions } = mergeDrafts(
    sample,
    withEntities([user("u_2", { primary: true })]),
    withEntities([user("u_1", { primary: true })]),
  );
  expect(collisions).toEqual([]);
  expect(merged.settings.entities).toEqual([user("u_1", { primary: true }), user("u_2")]);
});

test("tools are merged one by one, and their parameters each", () => {
  const base = withTools([]);
  const mine = withTools([tool("a", false), tool("b", true, { n: 3 }), tool("c", true)]);
  const theirs = withTools([tool("a", true), tool("b", true, { share: 0.5 }), tool("c", false)]);
  const both = [tool("a", false), tool("b", true, { n: 3, share: 0.5 }), tool("c", false)];
  expect(mergeDrafts(base, mine, theirs)).toEqual({ merged: withTools(both), collisions: [] });

  const other = withTools([tool("a", true), tool("b", true, { n: 4 }), tool("c", true)]);
  expect(mergeDrafts(base, mine, other).collisions).toMatchObject([
    { kind: "tool", tool: "b", param: "n", mine: 3, theirs: 4 },
  ]);
});

test("everything on, against a choice among the tools, is asked about as one", () => {
  const base = withTools([tool("a", false), tool("b", true)]);
  const theirs = withTools([tool("a", false), tool("b", false)]);
  expect(mergeDrafts(base, withTools([]), theirs).collisions).toMatchObject([
    { kind: "field", key: "settings.tool_matrix" },
  ]);
});

test("the ends of a range of one's own are two fields", () => {
  const range = (start: string, end: string): Draft => ({
    ...sample,
    settings: { ...sample.settings, time_range: { start, end } },
  });
  const [a, b, c] = ["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"];
  expect(mergeDrafts(range(a, b), range(b, b), range(a, c))).toEqual({ merged: range(b, c), collisions: [] });
  expect(mergeDrafts(range(a, b), range(a, c), range(a, a)).collisions).toHaveLength(1);
});

test("a save of mine that arrived without my knowing is where I go on from", () => {
  const sent = withEntities([user("u_1")], { ...sample, name: "Cas" });
  const mine = withEntities([user("u_12")], { ...sample, name: "Case 7" });
  // it arrived, and somebody else went on from it
  const theirs = withEntities([user("u_1"), user("x")], {
    ...sent,
    settings: { ...sent.settings, risk_threshold: 9 },
  });
  const base = startedFrom(sample, [sent], theirs);
  const { merged, collisions } = mergeDrafts(base, mine, theirs);
  expect(collisions).toEqual([]);
  expect(merged.name).toBe("Case 7");
  expect(merged.settings.risk_threshold).toBe(9);
  expect(merged.settings.entities.map((e) => e.value)).toEqual(["u_12", "x"]);
  // it did not arrive
  expect(startedFrom(sample, [sent], sample)).toEqual(sample);
});

test("a row keeps its identity while it is edited and others come and go", () => {
  const from = [user("a"), user("b"), { ...user("c@x.org"), type: "email" as const }];
  expect(align(from, [user("b2"), { ...user("c@x.org"), type: "email" }, user("new")])).toEqual([1, 2, null]);
  expect(align(from, [user("a"), user("bb"), ...from.slice(2)])).toEqual([0, 1, 2]);
  expect(align(from, from.slice(1))).toEqual([1, 2]);
  expect(align([user("a")], [{ ...user("10.0.0.1"), type: "ip_address" }])).toEqual([null]);
});
