import * as z from "zod";
import { get, put, send, sendOnly } from "./client";
import { type Settings, settings } from "./investigation";
import { riskLevel } from "./severity";
import { instant, list, orNull } from "./shape";

const placeholder = z.object({ name: z.string(), label: z.string(), pointer: z.string() });
/** A place in the settings that is asked for when the template is loaded. */
export type Placeholder = z.infer<typeof placeholder>;

const scopes = ["private", "org"] as const;

export const templateSave = z.object({
  name: z.string(),
  description: z.string(),
  tags: list(z.string()),
  scope: z.enum(scopes),
  settings,
  placeholders: list(placeholder),
});
/** What a person writes of a template; also what a file of one holds. */
export type TemplateSave = z.infer<typeof templateSave>;

const templateRow = templateSave.omit({ settings: true, placeholders: true }).extend({
  template_id: z.string(),
  /** Empty for a built-in one. */
  user_id: z.string(),
  built_in: z.boolean(),
  version: z.number().int(),
  entity_count: z.number().int(),
  usage_count: z.number().int(),
  last_used_at: orNull(instant),
  created_at: instant,
  updated_at: instant,
});
/** What a list tells of a template. */
export type TemplateRow = z.infer<typeof templateRow>;

const template = templateRow.extend({ settings, placeholders: list(placeholder) });
export type Template = z.infer<typeof template>;

const version = template.extend({ at: instant, by: z.string(), deleted_at: orNull(instant) });
/** A template as it was saved once. */
export type TemplateVersion = z.infer<typeof version>;

const file = z.object({ format: z.literal("olorin.template.v1"), template: templateSave });

const root = "/wizard/templates";
const path = (id: string) => `${root}/${encodeURIComponent(id)}`;

export const templateSorts = ["name", "-updated_at", "-usage_count", "-entity_count"] as const;
export type TemplateSort = (typeof templateSorts)[number];

export type TemplateFilter = {
  text: string;
  tag: string;
  mine: boolean;
  sort: TemplateSort;
  page: number;
  deleted?: boolean;
};

const templatePage = z.object({
  items: list(templateRow),
  total: z.number().int(),
  total_pages: z.number().int(),
  /** Of all templates, on whatever page. */
  tags: list(z.string()),
  owned: z.number(),
  limit: z.number(),
});

export function getTemplates(filter: TemplateFilter, signal?: AbortSignal) {
  const search = new URLSearchParams({ sort: filter.sort });
  if (filter.text) search.set("q", filter.text);
  if (filter.tag) search.set("tag", filter.tag);
  if (filter.mine) search.set("mine", "true");
  if (filter.deleted) search.set("deleted", "true");
  if (filter.page > 1) search.set("page", String(filter.page));
  return get(`${root}?${search}`, templatePage, { signal });
}

export const getTemplate = (id: string, signal?: AbortSignal) => get(path(id), template, { signal });

export const getTemplateVersions = (id: string, signal?: AbortSignal) =>
  get(`${path(id)}/versions`, z.object({ items: list(version) }), { signal }).then((a) => a.items);

/** Keeps a new template. A name that is taken is a 409 ApiError "name_taken", unless `overwrite`. */
export const addTemplate = (body: TemplateSave, overwrite = false) =>
  send({ method: "POST", path: overwrite ? `${root}?on_conflict=overwrite` : root, body }, template).then(
    (a) => a.data,
  );

/** Saves a new version; `ifMatch` is the version that the edit was made from. */
export const saveTemplate = (id: string, body: TemplateSave, ifMatch: number) =>
  put(path(id), body, template, { headers: { "If-Match": `"${ifMatch}"` } }).then((a) => a.data);

export const deleteTemplate = (id: string) => sendOnly({ method: "DELETE", path: path(id) });

const act = (id: string, what: string) =>
  send({ method: "POST", path: `${path(id)}/${what}`, body: {} }, template).then((a) => a.data);

export const undeleteTemplate = (id: string) => act(id, "undelete");
export const duplicateTemplate = (id: string) => act(id, "duplicate");

/** Makes an old version the newest one again. A name that is taken is a 409 ApiError "name_taken", unless another is given. */
export const restoreTemplate = (id: string, to: number, ifMatch: number, name?: string) =>
  send(
    {
      method: "POST",
      path: `${path(id)}/versions/${to}/restore`,
      body: { name },
      headers: { "If-Match": `"${ifMatch}"` },
    },
    template,
  ).then((a) => a.data);

type Applying = {
  /** A value for each placeholder by its name. */
  values: Record<string, unknown>;
  /** What takes the place of the template's fields. */
  overrides?: Partial<Settings> | undefined;
  /** Only asks for the settings: no use is counted. */
  preview?: boolean;
};

/** The settings to start from. */
export const applyTemplate = (id: string, body: Applying) =>
  send({ method: "POST", path: `${path(id)}/apply`, body }, z.object({ settings })).then(
    (a) => a.data.settings,
  );

const side = z.object({
  risk_score: orNull(z.number()),
  risk_level: z
    .union([riskLevel, z.literal("")])
    .nullish()
    .transform((level) => level || null),
  findings: z.number().int(),
});
const find = z.object({ tool: z.string(), severity: riskLevel, title: z.string() });
const backTestResult = z.object({
  investigation_id: z.string(),
  name: z.string(),
  finished_at: orNull(instant),
  /** What the investigation came to, and what the template comes to on the same case. */
  before: side,
  template: side,
  only_before: list(find),
  only_template: list(find),
});
export type BackTestResult = z.infer<typeof backTestResult>;

/** What the template would have found on a completed investigation: computed anew on its data. */
export const backTest = (id: string, investigation: string, signal: AbortSignal) =>
  send(
    { method: "POST", path: `${path(id)}/backtest`, body: { investigation_id: investigation }, signal },
    backTestResult,
  ).then((a) => a.data);

/** What a person wrote of a template. */
export const savedOf = ({
  name,
  description,
  tags,
  scope,
  settings,
  placeholders,
}: Template): TemplateSave => ({
  name,
  description,
  tags,
  scope,
  settings,
  placeholders,
});

/** The text of a file that holds a template. */
export const toFile = (t: Template) =>
  JSON.stringify({ format: "olorin.template.v1", template: savedOf(t) }, null, 2);

/** A template that one page hands to another; null where there is none. */
export function toSave(state: unknown): TemplateSave | null {
  const parsed = z.object({ template: templateSave }).safeParse(state);
  return parsed.success ? parsed.data.template : null;
}

/** Reads such a file, or tells what is wrong in it: nothing where it is none. */
export function fromFile(text: string): { template: TemplateSave } | { wrong: string[] } {
  try {
    const parsed = file.safeParse(JSON.parse(text));
    if (parsed.success) return { template: parsed.data.template };
    const inside = parsed.error.issues.filter(({ path }) => path[0] === "template" && path.length > 1);
    const whole = inside.length === parsed.error.issues.length;
    return { wrong: whole ? inside.map(({ path, message }) => `${path.join(".")}: ${message}`) : [] };
  } catch {
    return { wrong: [] };
  }
}
