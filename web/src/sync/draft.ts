import type { Draft, Investigation, Settings } from "../api/investigation";

/** The editable part of a state. */
export const draftOf = (state: Investigation): Draft => ({
  name: state.name,
  wizard_step: state.wizard_step,
  settings: state.settings,
});

/** What is set on the settings step. */
export const settingsFields = [
  "dataset",
  "entities",
  "time_range",
  "tool_matrix",
  "correlation_mode",
  "execution_mode",
  "risk_threshold",
  "scoring",
] as const satisfies (keyof Settings)[];

/** The fields that a save can change, named as the server names them in `edits`. */
export const draftFields = [
  "name",
  "wizard_step",
  ...settingsFields.map((field) => `settings.${field}` as const),
] as const;
export type DraftField = (typeof draftFields)[number];

function fieldOf(draft: Draft, field: DraftField): unknown {
  if (field === "name" || field === "wizard_step") return draft[field];
  return draft.settings[field.slice("settings.".length) as keyof Settings];
}

/** `draft` with the field as it is in `source`. */
export function withField(draft: Draft, field: DraftField, source: Draft): Draft {
  if (field === "name" || field === "wizard_step") return { ...draft, [field]: source[field] };
  const key = field.slice("settings.".length) as keyof Settings;
  return { ...draft, settings: { ...draft.settings, [key]: source.settings[key] } };
}

/** Whether two values are the same JSON; an absent member and an undefined one are alike. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i]));
  }
  const left = new Map(Object.entries(a));
  const right = new Map(Object.entries(b));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (!same(left.get(key), right.get(key))) return false;
  }
  return true;
}

/** The fields in which two drafts differ. */
export const differing = (a: Draft, b: Draft): DraftField[] =>
  draftFields.filter((field) => !same(fieldOf(a, field), fieldOf(b, field)));
