import * as z from "zod";

/** An instant: RFC 3339, UTC, milliseconds. Kept as text; format it with ui/time. */
export const instant = z.iso.datetime({ offset: true });

/** A value that the server may leave out or send as null; null here. */
export const orNull = <S extends z.ZodType>(schema: S) => schema.nullable().default(null);

/** A list that the server may leave out or send as null; empty here. */
export const list = <S extends z.ZodType>(item: S) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** A text that the server leaves out where it is empty. */
export const textOrEmpty = z.string().default("");
