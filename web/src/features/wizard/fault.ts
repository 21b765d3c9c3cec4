import type { Draft } from "../../api/investigation";
import type { Fault } from "../../api/problem";
import { t } from "../../app/texts";
import { whyInvalid } from "./entity";
import { t as own } from "./texts";
import { chosen, type ShownAgent } from "./toolMatrix";

/** The DOM id of the control that a JSON pointer names. */
export const fieldId = (pointer: string) => `field${pointer.replaceAll("/", "-")}`;

/** Moves the focus to the control of a pointer, or of the nearest one around it. */
export function focusField(pointer: string) {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const element = document.getElementById(fieldId(at));
    if (!element) continue;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
    return;
  }
}

/** What the person is told about a field: the first fault at the pointer or, with `within`, below it. */
export function faultAt(faults: Fault[], pointer: string, within = false): string | undefined {
  return faults.find((f) => f.pointer === pointer || (within && f.pointer.startsWith(`${pointer}/`)))?.detail;
}

const sections = [
  "/settings/risk_threshold",
  "/settings/tool_matrix",
  "/settings/time_range",
  "/settings/entities",
  "/settings/dataset",
  "/name",
];
const sectionOf = ({ pointer }: Fault) => -sections.findIndex((section) => pointer.startsWith(section));
const nth = (pointer: string) => Number(/^\/settings\/entities\/(\d+)/.exec(pointer)?.[1] ?? -1);

/** What the field of a pointer is called. */
export function fieldName(pointer: string): string {
  const entity = nth(pointer);
  if (entity >= 0) return t.entities.nth(entity + 1);
  const field = Object.entries(own.fields).find(([start]) => pointer.startsWith(start));
  return field?.[1] ?? own.settings;
}

/** Orders faults as their fields stand in the form; what has no field comes last. */
export const downTheForm = (a: Fault, b: Fault) =>
  sectionOf(a) - sectionOf(b) || nth(a.pointer) - nth(b.pointer);

/** What keeps a draft from being started, as far as the browser can tell. Mirrors the server, which has the last word. */
export function readiness(
  { name, settings }: Draft,
  agents: ShownAgent[] | undefined,
  /** Typed into the field that adds entities, and not added. */
  adding = "",
): Fault[] {
  const faults: Fault[] = [];
  const add = (pointer: string, code: string, detail: string) => faults.push({ pointer, code, detail });
  if (name.trim() === "") add("/name", "required", t.settings.required.name);
  if (!settings.dataset) add("/settings/dataset", "required", t.settings.required.dataset);
  if (adding.trim() !== "") {
    add("/settings/entities/add", "not_added", own.entities.notAdded(adding.trim()));
  } else if (settings.entities.length === 0)
    add("/settings/entities", "required", t.settings.required.entities);
  const seen = new Map<string, number>();
  settings.entities.forEach((entity, i) => {
    const pointer = `/settings/entities/${i}/value`;
    const wrong = whyInvalid(entity);
    const key = `${entity.type} ${entity.value.trim()}`;
    const first = seen.get(key);
    if (wrong) add(pointer, "invalid", wrong);
    else if (first !== undefined) add(pointer, "duplicate", t.entities.wrong.twice(first + 1));
    else seen.set(key, i);
  });
  const { preset, start, end } = settings.time_range;
  if (!preset) {
    if (!start) add("/settings/time_range/start", "required", t.settings.required.start);
    if (!end) add("/settings/time_range/end", "required", t.settings.required.end);
    if (start && end && Date.parse(start) >= Date.parse(end)) {
      add("/settings/time_range/end", "out_of_order", t.settings.required.order);
    }
  }
  const tools = agents?.flatMap((a) => a.tools.map((tool) => chosen(settings.tool_matrix, a, tool.tool)));
  if (tools && tools.length > 0 && !tools.some((tool) => tool.enabled)) {
    add("/settings/tool_matrix", "required", t.settings.required.tools);
  }
  const gone = agents?.find(
    (a) => a.absent && a.tools.some(({ tool }) => chosen(settings.tool_matrix, a, tool).enabled),
  );
  if (gone) add("/settings/tool_matrix", "not_connected", own.tools.notConnected(gone.title));
  return faults;
}
