import { queryOptions } from "@tanstack/react-query";
import { getTemplate, getTemplates, getTemplateVersions, type TemplateFilter } from "../api/template";

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
