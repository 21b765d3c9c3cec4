import { type Settings, type ToolChoice, timeRange } from "../../api/investigation";
import type { Placeholder, TemplateSave } from "../../api/template";
import { t as words } from "../../app/texts";
import { same, settingsFields } from "../../sync/draft";
import { scoringWords } from "../../ui/scoring";
import { formatMoment } from "../../ui/time";
import { t } from "./texts";

export type Field = (typeof settingsFields)[number];

/** What tools and data sets are called. */
export type Names = { tool: (id: string) => string; dataset: (id: string) => string };

/** A field of settings in words, one line an item. `asked` are the pointers that are asked for at load. */
export function describe(settings: Settings, field: Field, names: Names, asked: string[] = []): string[] {
  switch (field) {
    case "dataset":
      if (asked.includes("/dataset")) return [t.asked];
      return [settings.dataset === undefined ? t.empty : names.dataset(settings.dataset)];
    case "entities":
      if (settings.entities.length === 0) return [t.empty];
      return settings.entities.map((e, i) => {
        const value = asked.includes(`/entities/${i}/value`) ? t.asked : e.value || t.empty;
        const notes = [e.label, e.primary && t.primary, (e.weight ?? 1) > 1 && t.weight(e.weight ?? 1)];
        const tail = notes.filter(Boolean).join(", ");
        return `${words.entityType[e.type]}: ${value}${tail ? ` (${tail})` : ""}`;
      });
    case "time_range": {
      if (asked.includes("/time_range")) return [t.asked];
      const { preset, start, end } = settings.time_range;
      if (preset) return [t.preset[preset]];
      return [[start, end].map((at) => (at ? formatMoment(new Date(at)) : t.empty)).join(" – ")];
    }
    case "tool_matrix":
      return tools(settings.tool_matrix, names.tool);
    case "correlation_mode":
      return [t.correlation[settings.correlation_mode]];
    case "execution_mode":
      return [t.execution[settings.execution_mode]];
    case "risk_threshold":
      return [asked.includes("/risk_threshold") ? t.asked : String(settings.risk_threshold)];
    case "scoring":
      return [scoringWords(settings.scoring)];
  }
}

function tools(matrix: ToolChoice[], title: (tool: string) => string): string[] {
  if (matrix.length === 0) return [t.allTools];
  const on = matrix.filter((choice) => choice.enabled);
  const tuned = on.filter((choice) => choice.params && Object.keys(choice.params).length > 0).length;
  const lines = [t.toolsOn(on.length, matrix.length), on.map((choice) => title(choice.tool)).join(", ")];
  if (tuned > 0) lines.push(t.params(tuned));
  return lines.filter((line) => line !== "");
}

/** The fields in which two settings differ. */
export function changedFields(now: Settings, then: Settings): Field[] {
  return settingsFields.filter((field) => canonical(now[field]) !== canonical(then[field]));
}

/** JSON with sorted names and without what is undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, v: unknown) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

/** The settings of a template as far as values are known, for a preview. */
export function preview(
  settings: Settings,
  placeholders: Placeholder[],
  values: Record<string, unknown>,
): Settings {
  const out: Settings = { ...settings, entities: settings.entities.map((e) => ({ ...e })) };
  for (const { name, pointer } of placeholders) {
    const value = values[name];
    if (value === undefined) continue;
    const entity = /^\/entities\/(\d+)\/value$/.exec(pointer);
    const at = entity ? out.entities[Number(entity[1])] : undefined;
    if (at && typeof value === "string") at.value = value;
    else if (pointer === "/dataset" && typeof value === "string") out.dataset = value;
    else if (pointer === "/risk_threshold" && typeof value === "number") out.risk_threshold = value;
    else if (pointer === "/time_range") out.time_range = timeRange.safeParse(value).data ?? out.time_range;
  }
  return out;
}

/** What settings have already of what a template asks for, by the names of its placeholders: an entity fits where its type does. */
export function known(
  now: Settings,
  template: Settings,
  placeholders: Placeholder[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const used = new Set<string>();
  for (const { name, pointer } of placeholders) {
    const entity = /^\/entities\/(\d+)\/value$/.exec(pointer);
    const type = entity ? template.entities[Number(entity[1])]?.type : undefined;
    const fits = now.entities
      .filter((e) => e.type === type && e.value.trim() !== "" && !used.has(e.value))
      .sort((a, b) => Number(b.primary ?? false) - Number(a.primary ?? false))[0];
    if (fits) {
      values[name] = fits.value;
      used.add(fits.value);
    } else if (pointer === "/dataset" && now.dataset) values[name] = now.dataset;
  }
  return values;
}

/** Whether settings have the place that a pointer names. */
export function hasPlace(settings: Settings, pointer: string): boolean {
  const entity = /^\/entities\/(\d+)\/value$/.exec(pointer);
  return !entity || Number(entity[1]) < settings.entities.length;
}

/** Settings with values for entities that have none, by the pointers of their places. */
export const completed = (settings: Settings, values: Record<string, string>): Settings => ({
  ...settings,
  entities: settings.entities.map((e, i) => ({
    ...e,
    value: e.value === "" ? (values[`/entities/${i}/value`] ?? "") : e.value,
  })),
});

/** Settings with the places emptied that are to be asked for. */
export function emptied(settings: Settings, pointers: string[]): Settings {
  const out: Settings = { ...settings, entities: settings.entities.map((e) => ({ ...e })) };
  for (const pointer of pointers) {
    const entity = /^\/entities\/(\d+)\/value$/.exec(pointer);
    const at = entity ? out.entities[Number(entity[1])] : undefined;
    if (at) at.value = "";
    else if (pointer === "/dataset") delete out.dataset;
    else if (pointer === "/time_range") out.time_range = { preset: "all" };
  }
  return out;
}

const entityAt = (pointer: string) => {
  const at = /^\/entities\/(\d+)\/value$/.exec(pointer);
  return at ? Number(at[1]) : -1;
};

/** Questions where their entities stand after some were changed, added or removed; an entity that is changed is another object. */
export function moved(
  placeholders: Placeholder[],
  before: Settings["entities"],
  after: Settings["entities"],
): Placeholder[] {
  const gone = before.filter((e) => !after.includes(e));
  const fresh = after.filter((e) => !before.includes(e));
  return placeholders.flatMap((place) => {
    const was = before[entityAt(place.pointer)];
    if (!was) return [place];
    const still = after.includes(was)
      ? was
      : before.length === after.length
        ? fresh[gone.indexOf(was)]
        : fresh.find(({ type, value }) => type === was.type && value === was.value);
    return still ? [{ ...place, pointer: `/entities/${after.indexOf(still)}/value` }] : [];
  });
}

/** A question under a name that no other has. */
export function freeName(place: Placeholder, others: Placeholder[]): Placeholder {
  const taken = (name: string) => others.some((other) => other.name === name);
  let name = place.name;
  for (let n = 2; taken(name); n++) name = `${place.name}_${n}`;
  return { ...place, name };
}

/** What an old template becomes by another one of its name: of what was not entered anew, what it was, as far as it still fits. */
export function over(old: TemplateSave, form: TemplateSave, begun: TemplateSave): TemplateSave {
  const kept = <K extends "description" | "tags" | "scope">(part: K) =>
    same(form[part], begun[part]) ? old[part] : form[part];
  const fits = ({ pointer }: Placeholder) =>
    hasPlace(form.settings, pointer) &&
    old.settings.entities[entityAt(pointer)]?.type === form.settings.entities[entityAt(pointer)]?.type;
  const asked = form.placeholders.map(({ pointer }) => pointer);
  const still = old.placeholders.filter((place) => fits(place) && !asked.includes(place.pointer));
  const placeholders = same(form.placeholders, begun.placeholders)
    ? [...still, ...form.placeholders.map((place) => freeName(place, still))]
    : form.placeholders;
  return {
    ...form,
    description: kept("description"),
    tags: kept("tags"),
    scope: kept("scope"),
    placeholders,
    settings: emptied(
      form.settings,
      placeholders.map(({ pointer }) => pointer),
    ),
  };
}
