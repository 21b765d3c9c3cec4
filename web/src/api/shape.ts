import * as z from "zod/mini";

/** An instant: RFC 3339, UTC, milliseconds. Kept as text; format it with ui/time. */
export const instant = z.iso.datetime({ offset: true });

/** A value that the server may leave out or send as null; null here. */
export const orNull = <S extends z.core.$ZodType>(schema: S) => z._default(z.nullable(schema), null);

/** A list that the server may leave out or send as null; empty here. */
export const list = <S extends z.core.$ZodType>(item: S) =>
  z.pipe(
    z.nullish(z.array(item)),
    z.transform((items) => items ?? []),
  );

/** Words to be read: a number stays on one line with its percent sign. */
export const prose = z.pipe(
  z.string(),
  z.transform((words) => words.replace(/(?<=\d) (?=%)/g, "\u00a0")),
);

/** A text that the server leaves out where it is empty. */
export const textOrEmpty = z._default(z.string(), "");
