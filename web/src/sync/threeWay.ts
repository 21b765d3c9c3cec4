import type { Entity } from "../api/entity";
import type { Draft, Settings, TimeRange, ToolChoice } from "../api/investigation";
import { sameCards } from "./card";
import { type DraftField, differing, same, withField } from "./draft";
import { align, entityKey } from "./rows";

/** Who wins what both sides changed. */
type Choice = "mine" | "theirs";
export type Choices = Partial<Record<string, Choice>>;

/** One thing that both sides changed, to different values. */
export type Collision = {
  /** Names it, for a choice; the same in every merge of the same drafts. */
  key: string;
  /** The field of the draft that it lies in. */
  field: DraftField;
} & (
  | { kind: "field"; mine: Draft; theirs: Draft }
  /** A part of an entity that is known as `entity`. */
  | {
      kind: "entity";
      entity: Entity;
      part: "type" | "value" | "label" | "weight" | "primary";
      mine: string | undefined;
      theirs: string | undefined;
    }
  /** An entity that one side changed and the other removed (null). */
  | { kind: "removed"; entity: Entity; mine: Entity | null; theirs: Entity | null }
  /** Whether a tool is on (no `param`), or one of its parameters; undefined is its default. */
  | {
      kind: "tool";
      agent: string;
      tool: string;
      param?: string;
      mine: number | boolean | undefined;
      theirs: number | boolean | undefined;
    }
);

export type DraftMerge = {
  /** Mine where only I changed something, theirs where only they did; what collides as chosen, else mine. */
  merged: Draft;
  collisions: Collision[];
};

type Clash = (collision: Collision) => Choice;

function settle<T>(base: T, mine: T, theirs: T, clash: () => Choice): T {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(mine, theirs)) return mine;
  return clash() === "theirs" ? theirs : mine;
}

/**
 * Three-way merge of drafts: the first is what both sides started from. Entities are merged row by row
 * and the tool matrix tool by tool, part by part; only what both changed, differently, collides. Without
 * collisions it does not matter which side is called mine. The step one is on is never worth a question: mine.
 */
export function mergeDrafts(from: Draft, ours: Draft, others: Draft, choices: Choices = {}): DraftMerge {
  const { base, mine, theirs } = sameCards({ base: from, mine: ours, theirs: others });
  const collisions: Collision[] = [];
  const clash: Clash = (collision) => {
    collisions.push(collision);
    return choices[collision.key] ?? "mine";
  };
  const whole = (field: DraftField) => () => clash({ kind: "field", key: field, field, mine, theirs });
  const plain = <K extends keyof Settings>(key: K): Settings[K] =>
    settle(base.settings[key], mine.settings[key], theirs.settings[key], whole(`settings.${key}`));

  const [b, m, t] = [base.settings, mine.settings, theirs.settings];
  const dataset = plain("dataset");
  const merged: Draft = {
    name: settle(base.name, mine.name, theirs.name, whole("name")),
    wizard_step: mine.wizard_step === base.wizard_step ? theirs.wizard_step : mine.wizard_step,
    settings: {
      ...(dataset === undefined ? {} : { dataset }),
      entities: mergeEntities(b.entities, m.entities, t.entities, clash),
      time_range: mergeRange(b.time_range, m.time_range, t.time_range, whole("settings.time_range")),
      tool_matrix: mergeTools(
        b.tool_matrix,
        m.tool_matrix,
        t.tool_matrix,
        clash,
        whole("settings.tool_matrix"),
      ),
      correlation_mode: plain("correlation_mode"),
      execution_mode: plain("execution_mode"),
      risk_threshold: plain("risk_threshold"),
      scoring: plain("scoring"),
    },
  };
  return { merged, collisions };
}

/**
 * What both sides started from, where saves of mine may have arrived without my knowing: a field in
 * which theirs already holds what I sent starts from there, so that I never collide with myself.
 */
export function startedFrom(base: Draft, sent: readonly Draft[], theirs: Draft): Draft {
  return sent.reduce((from, mine) => {
    const { merged, collisions } = mergeDrafts(base, mine, theirs);
    const open = new Set([...collisions.map((c) => c.field), ...differing(merged, theirs)]);
    const arrived = differing(base, mine).filter((field) => !open.has(field));
    return arrived.reduce((draft, field) => withField(draft, field, mine), from);
  }, base);
}

/** The ends of a range of one's own are two fields; with a preset on any side it is one. */
function mergeRange(base: TimeRange, mine: TimeRange, theirs: TimeRange, clash: () => Choice): TimeRange {
  if (base.preset || mine.preset || theirs.preset) return settle(base, mine, theirs, clash);
  const side = (key: "start" | "end") =>
    settle<string | undefined>(base[key], mine[key], theirs[key], () => "mine");
  const collide =
    !same(
      settle(base.start, mine.start, theirs.start, () => "theirs"),
      side("start"),
    ) ||
    !same(
      settle(base.end, mine.end, theirs.end, () => "theirs"),
      side("end"),
    );
  if (collide) return settle(base, mine, theirs, clash);
  const [start, end] = [side("start"), side("end")];
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

/** A row without what it is beside the others. */
const bare = ({ primary: _, ...rest }: Entity): Entity => rest;

type Row = { id: string; entity: Entity };

/** The rows of one side: which row of the base each goes on from, and after which of those it stands. */
function rowsOf(base: readonly Entity[], side: readonly Entity[]) {
  const source = align(base, side);
  const kept = new Map<number, Entity>();
  /** New rows, by the row of the base before them; -1 at the top. */
  const added = new Map<number, Row[]>();
  /** How often each new row was met: one that a side added twice is two. */
  const twins = new Map<string, number>();
  let primary: string | null = null;
  let after = -1;
  side.forEach((entity, i) => {
    const at = source[i] ?? null;
    const name = `new ${entityKey(entity)}`;
    const twin = (twins.get(name) ?? 0) + 1;
    if (at === null) twins.set(name, twin);
    const id = at === null ? `${name} ${twin}` : `row ${at}`;
    if (entity.primary) primary ??= id;
    if (at === null) {
      added.set(after, [...(added.get(after) ?? []), { id, entity: bare(entity) }]);
    } else {
      kept.set(at, bare(entity));
      after = at;
    }
  });
  return { kept, added, primary };
}

function mergeEntities(base: Entity[], mine: Entity[], theirs: Entity[], clash: Clash): Entity[] {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(mine, theirs)) return mine;
  const [m, t] = [rowsOf(base, mine), rowsOf(base, theirs)];
  const merged: Row[] = mergeAdded(m.added.get(-1) ?? [], t.added.get(-1) ?? [], clash);
  base.forEach((row, i) => {
    const id = `row ${i}`;
    const entity = mergeRow(id, bare(row), m.kept.get(i) ?? null, t.kept.get(i) ?? null, clash);
    if (entity) merged.push({ id, entity });
    merged.push(...mergeAdded(m.added.get(i) ?? [], t.added.get(i) ?? [], clash));
  });
  return withPrimary(merged, rowsOf(base, base).primary, m.primary, t.primary, clash);
}

function mergeRow(
  id: string,
  base: Entity,
  mine: Entity | null,
  theirs: Entity | null,
  clash: Clash,
): Entity | null {
  if (mine && theirs) return mergeParts(id, base, base, mine, theirs, clash);
  if (!mine && !theirs) return null;
  if (same(mine ?? theirs, base)) return null;
  const key = `settings.entities ${id}`;
  const choice = clash({ kind: "removed", key, field: "settings.entities", entity: base, mine, theirs });
  return choice === "theirs" ? theirs : mine;
}

/** Merges an entity part by part; where both sides added it there is no base. */
function mergeParts(
  id: string,
  entity: Entity,
  base: Entity | null,
  mine: Entity,
  theirs: Entity,
  clash: Clash,
): Entity {
  const part = <K extends "type" | "value" | "label" | "weight">(key: K) =>
    settle<Entity[K] | undefined>(base?.[key], mine[key], theirs[key], () =>
      clash({
        kind: "entity",
        key: `settings.entities ${id} ${key}`,
        field: "settings.entities",
        entity,
        part: key,
        mine: mine[key]?.toString(),
        theirs: theirs[key]?.toString(),
      }),
    );
  const [label, weight] = [part("label"), part("weight")];
  return {
    type: part("type") ?? mine.type,
    value: part("value") ?? mine.value,
    ...(label === undefined ? {} : { label }),
    ...(weight === undefined ? {} : { weight }),
  };
}

/** New rows at one place: those that both sides added once, the others in an order that both sides come to. */
function mergeAdded(mine: Row[], theirs: Row[], clash: Clash): Row[] {
  const hers = new Map(theirs.map((row) => [row.id, row.entity]));
  const joined = new Map(
    mine.map((row) => {
      const other = hers.get(row.id);
      return [row.id, other ? mergeParts(row.id, row.entity, null, row.entity, other, clash) : row.entity];
    }),
  );
  for (const row of theirs) if (!joined.has(row.id)) joined.set(row.id, row.entity);
  const holds = (rows: Row[], others: Row[]) => others.every((o) => rows.some((r) => r.id === o.id));
  const first = (rows: Row[]) => rows[0]?.id ?? "";
  const order = holds(theirs, mine)
    ? theirs
    : holds(mine, theirs)
      ? mine
      : first(mine) < first(theirs)
        ? [...mine, ...theirs]
        : [...theirs, ...mine];
  return [...new Set(order.map((row) => row.id))].flatMap((id) => {
    const entity = joined.get(id);
    return entity ? [{ id, entity }] : [];
  });
}

/** Marks the one primary entity. Two first entities, added at once, are no question: the upper one. */
function withPrimary(
  rows: Row[],
  base: string | null,
  mine: string | null,
  theirs: string | null,
  clash: Clash,
): Entity[] {
  const entityOf = (id: string | null) => rows.find((row) => row.id === id)?.entity;
  const [m, t] = [entityOf(mine), entityOf(theirs)];
  let primary = settle(base, mine, theirs, () => {
    if (!m || !t) return m || (!t && mine !== null) ? "mine" : "theirs";
    if (base === null)
      return rows.find((row) => row.id === mine || row.id === theirs)?.id === mine ? "mine" : "theirs";
    return clash({
      kind: "entity",
      key: "settings.entities primary",
      field: "settings.entities",
      entity: m,
      part: "primary",
      mine: m.label || m.value,
      theirs: t.label || t.value,
    });
  });
  if (primary !== null && !entityOf(primary)) primary = rows[0]?.id ?? null;
  return rows.map(({ id, entity }) => (id === primary ? { ...entity, primary: true } : entity));
}

const toolKey = (c: ToolChoice) => `${c.agent} ${c.tool}`;

/** How a tool stands in a matrix: an empty one means every tool with its defaults; in any other, one that is not named is off. */
function choiceIn(matrix: Map<string, ToolChoice>, key: string) {
  const entry = matrix.get(key);
  return { enabled: matrix.size === 0 || (entry?.enabled ?? false), params: entry?.params ?? {} };
}

function mergeTools(
  base: ToolChoice[],
  mine: ToolChoice[],
  theirs: ToolChoice[],
  clash: Clash,
  whole: () => Choice,
): ToolChoice[] {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(mine, theirs)) return mine;
  // "everything, whatever there is" against a choice among what there is
  if (mine.length === 0 || theirs.length === 0) return whole() === "theirs" ? theirs : mine;
  const byKey = (side: ToolChoice[]) => new Map(side.map((choice) => [toolKey(choice), choice]));
  const [b, m, t] = [byKey(base), byKey(mine), byKey(theirs)];
  const others = [...m, ...t].sort(([x], [y]) => (x < y ? -1 : 1));
  return [...new Map([...b, ...others])].map(([key, { agent, tool }]): ToolChoice => {
    const [was, my, their] = [choiceIn(b, key), choiceIn(m, key), choiceIn(t, key)];
    const named = { kind: "tool", field: "settings.tool_matrix", agent, tool } as const;
    const at = `settings.tool_matrix ${key}`;
    const enabled = settle(was.enabled, my.enabled, their.enabled, () =>
      clash({ ...named, key: at, mine: my.enabled, theirs: their.enabled }),
    );
    const names = [...new Set([was, my, their].flatMap((side) => Object.keys(side.params)))].sort();
    const params = Object.fromEntries(
      names.flatMap((param) => {
        const [mine, theirs] = [my.params[param], their.params[param]];
        const value = settle(was.params[param], mine, theirs, () =>
          clash({ ...named, key: `${at} ${param}`, param, mine, theirs }),
        );
        return value === undefined ? [] : [[param, value]];
      }),
    );
    return { agent, tool, enabled, ...(Object.keys(params).length > 0 ? { params } : {}) };
  });
}
