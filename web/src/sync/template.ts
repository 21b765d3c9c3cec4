import { queryOptions } from "@tanstack/react-query";
import {
  getTemplate,
  getTemplates,
  getTemplateVersions,
  type TemplateFilter,
  templateSorts,
} from "../api/template";

/** What of the templates an address asks for. */
export const readFilter = (search: URLSearchParams) => ({
  text: search.get("q") ?? "",
  tag: search.get("tag") ?? "",
  mine: search.get("mine") === "true",
  sort: templateSorts.find((sort) => sort === search.get("sort")) ?? "name",
  page: Math.max(1, Number.parseInt(search.get("page") ?? "", 10) || 1),
  deleted: search.get("deleted") === "true",
});

export const templatesQuery = (filter: TemplateFilter) =>
  queryOptions({
    queryKey: ["templates", "list", filter],
    queryFn: ({ signal }) => getTemplates(filter, signal),
    placeholderData: (before) => before,
  });

export const templateQuery = (id: string) =>
  queryOptions({ queryKey: ["templates", id], queryFn: ({ signal }) => getTemplate(id, signal) });

export const templateVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["templates", id, "versions"],
    queryFn: ({ signal }) => getTemplateVersions(id, signal),
  });
