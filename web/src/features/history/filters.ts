import { type EntityType, entityTypes } from "../../api/entity";
import { type Whose, whose } from "../../api/history";
import { type RiskLevel, severities } from "../../api/severity";
import { type Status, statuses } from "../../api/status";
import { startOfDay } from "../../ui/time";

export const sortFields = [
  "updated_at",
  "name",
  "status",
  "risk_score",
  "entity_count",
  "started_at",
  "finished_at",
  "duration_ms",
] as const;
export type SortField = (typeof sortFields)[number];
export type Sort = { field: SortField; descending: boolean };

/** What the list shows, as the address says it. Empty lists and texts do not narrow. */
export type Filters = {
  status: readonly Status[];
  risk: readonly RiskLevel[];
  types: readonly EntityType[];
  /** Ids of users. */
  owners: readonly string[];
  /** First and last day on which it was changed, such as 2026-11-25; "" is without bound. */
  from: string;
  to: string;
  text: string;
  whose: Whose;
  archived: boolean;
  sort: Sort;
  /** From 1. */
  page: number;
};

export const pageSize = 20;
const longest = 200;

export const noFilters: Filters = {
  status: [],
  risk: [],
  types: [],
  owners: [],
  from: "",
  to: "",
  text: "",
  whose: "mine",
  archived: false,
  sort: { field: "updated_at", descending: true },
  page: 1,
};

function listOf<T extends string>(known: readonly T[], value: string | null): T[] {
  const given = (value ?? "").split(",");
  return known.filter((word) => given.includes(word));
}

const words = (value: string | null) => [...new Set((value ?? "").split(",").filter((word) => word !== ""))];

const dayOf = (value: string | null) => (value !== null && startOfDay(value) ? value : "");

function readSort(value: string | null): Sort {
  const descending = value?.startsWith("-") ?? false;
  const field = sortFields.find((f) => f === (descending ? value?.slice(1) : value));
  return field ? { field, descending } : noFilters.sort;
}

/** Reads the filters out of an address; what does not make sense is passed over. */
export function readFilters(search: URLSearchParams): Filters {
  const page = Number(search.get("page") ?? 1);
  return {
    status: listOf(statuses, search.get("status")),
    risk: listOf(severities, search.get("risk_level")),
    types: listOf(entityTypes, search.get("entity_type")),
    owners: words(search.get("owner")).slice(0, 50),
    from: dayOf(search.get("from")),
    to: dayOf(search.get("to")),
    text: (search.get("q") ?? "").slice(0, longest),
    whose: whose.find((w) => w === search.get("whose")) ?? "mine",
    archived: search.get("archived") === "true",
    sort: readSort(search.get("sort")),
    page: Number.isSafeInteger(page) && page >= 1 ? page : 1,
  };
}

const sortText = ({ field, descending }: Sort) => (descending ? `-${field}` : field);

/** The address of filters; what is as usual is left out. */
export function writeFilters(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  if (filters.status.length > 0) search.set("status", filters.status.join(","));
  if (filters.risk.length > 0) search.set("risk_level", filters.risk.join(","));
  if (filters.types.length > 0) search.set("entity_type", filters.types.join(","));
  if (filters.owners.length > 0) search.set("owner", filters.owners.join(","));
  if (filters.from) search.set("from", filters.from);
  if (filters.to) search.set("to", filters.to);
  if (filters.text.trim()) search.set("q", filters.text.slice(0, longest));
  if (filters.whose !== "mine") search.set("whose", filters.whose);
  if (filters.archived) search.set("archived", "true");
  const sort = sortText(filters.sort);
  if (sort !== sortText(noFilters.sort)) search.set("sort", sort);
  if (filters.page > 1) search.set("page", String(filters.page));
  return search;
}

/** The query that asks the server for them: its range of time is half open, and of instants. */
export function toQuery(filters: Filters): URLSearchParams {
  const query = writeFilters({ ...filters, text: filters.text.trim() });
  const [from, to] =
    filters.from && filters.to && filters.to < filters.from
      ? [filters.to, filters.from]
      : [filters.from, filters.to];
  const first = startOfDay(from);
  const end = startOfDay(to, 1);
  if (first) query.set("from", first.toISOString());
  if (end) query.set("to", end.toISOString());
  query.set("sort", sortText(filters.sort));
  query.set("page", String(filters.page));
  query.set("limit", String(pageSize));
  return query;
}

/** Whether the filters leave something out; the archive and whose it is are places of their own, not filters. */
export const isNarrow = (filters: Filters) =>
  filters.status.length +
    filters.risk.length +
    filters.types.length +
    filters.owners.length +
    filters.from.length +
    filters.to.length +
    filters.text.trim().length >
  0;

/** The sort after a click on a column: the other way where it is sorted by already; else names rise and all else falls. */
export function sortBy(sort: Sort, field: SortField): Sort {
  if (sort.field === field) return { field, descending: !sort.descending };
  return { field, descending: field !== "name" && field !== "status" };
}
