import { t } from "../../app/texts";

/** A field of a draft, by the name that the server gives it, in words. */
export const fieldName = (field: string): string =>
  Object.entries(t.conflict.fields).find(([name]) => name === field)?.[1] ?? field;
