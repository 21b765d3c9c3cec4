import * as z from "zod/mini";
import { list } from "./shape";

z.config(z.locales.en()); // so that what is wrong with an answer is told in words

export const fault = z.object({ pointer: z.string(), code: z.string(), detail: z.string() });
/** One thing wrong with an input, at a JSON pointer such as "/settings/entities/0/value". */
export type Fault = z.infer<typeof fault>;

/** RFC 9457 problem document. Members beyond these stay readable through `extra`. */
export const problem = z.looseObject({
  type: z._default(z.string(), "about:blank"),
  title: z._default(z.string(), ""),
  status: z._default(z.number(), 0),
  detail: z._default(z.string(), ""),
  instance: z.optional(z.string()),
  code: z._default(z.string(), ""),
  errors: list(fault),
});
export type Problem = z.infer<typeof problem>;

/** Where no answer came at all: the network, not the server, failed. */
export const OFFLINE = 0;

/** An answer that was not a success, or none at all (status OFFLINE). */
export class ApiError extends Error {
  readonly status: number;
  /** Stable machine word, "" where the answer was no problem document. */
  readonly code: string;
  readonly faults: Fault[];
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;
  readonly requestId: string | null;
  private readonly body: Problem;

  constructor(body: Problem, headers?: Headers) {
    super(sentence(body.detail || body.title || `HTTP ${body.status}`));
    this.name = "ApiError";
    this.body = body;
    this.status = body.status;
    this.code = body.code;
    this.faults = body.errors.map((fault) => ({ ...fault, detail: sentence(fault.detail) }));
    this.requestId = headers?.get("X-Request-Id") ?? null;
    this.retryAfterMs = retryAfter(headers?.get("Retry-After") ?? null, Date.now());
  }

  /** A further member of the problem document, parsed; undefined where absent or of another shape. */
  extra<S extends z.ZodMiniType>(member: string, schema: S): z.output<S> | undefined {
    const parsed = schema.safeParse(this.body[member]);
    return parsed.success ? parsed.data : undefined;
  }
}

/** The server answered something that the contract does not allow. */
export class ShapeError extends Error {
  constructor(path: string, cause: z.core.$ZodError) {
    super(`${path}: ${z.prettifyError(cause)}`, { cause });
    this.name = "ShapeError";
  }
}

/** The server's words as people begin a sentence. */
export const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** Reads Retry-After (seconds or an HTTP date) into milliseconds from `now`; null where absent or unreadable. */
export function retryAfter(value: string | null, now: number): number | null {
  if (value === null || value.trim() === "") return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
