import type * as z from "zod/mini";
import { ApiError, OFFLINE, problem, ShapeError } from "./problem";
import { randomId } from "./random";

const base = "/api/v1";

type Request = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Let the request outlive the page. The browser allows 64 KB of body. */
  keepalive?: boolean;
  /** When the session is over and cannot be renewed: wait for a new login (default), or fail with the 401. */
  onUnauthorized?: "wait" | "fail";
};

export type Answer<T> = { status: number; data: T; headers: Headers };

/** Asked when a session is over; resolves when somebody has logged in again. */
let waitForLogin: () => Promise<void> = () => Promise.reject(new Error("nobody can log in here"));

/** Tells the client how to get a new session. The shell shows a dialog over what the user is doing. */
export function onSessionExpired(handler: () => Promise<void>) {
  waitForLogin = handler;
}

let renewing: Promise<boolean> | null = null;

/**
 * Trades the refresh cookie for a new session, once for all requests that are waiting. False where the session is
 * over; throws where that is not known, for the server did not answer or cannot just now.
 */
export function renew(): Promise<boolean> {
  renewing ??= exchange({ method: "POST", path: "/auth/refresh" }, null)
    .then(async (response) => {
      if (response.ok || response.status === 401) return response.ok;
      throw await refusal(response);
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

async function exchange(request: Request, idempotencyKey: string | null): Promise<Response> {
  const headers = new Headers(request.headers);
  if (!headers.has("Accept")) headers.set("Accept", "application/json, application/problem+json");
  const init: RequestInit = { method: request.method, headers, credentials: "same-origin" };
  if (idempotencyKey) headers.set("Idempotency-Key", idempotencyKey);
  if (request.signal) init.signal = request.signal;
  if (request.keepalive) init.keepalive = true;
  if (request.body instanceof FormData || request.body instanceof Blob) {
    init.body = request.body;
  } else if (request.body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(request.body);
  }
  try {
    return await fetch(base + request.path, init);
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new ApiError({
      type: "about:blank",
      title: "No connection",
      status: OFFLINE,
      detail: "The server did not answer.",
      code: "offline",
      errors: [],
    });
  }
}

/** Sends a request and returns the answer as it came; 304 is an answer, every other non-2xx throws ApiError. */
async function answer(request: Request): Promise<Response> {
  const key = request.method === "POST" ? randomId() : null;
  let response = await exchange(request, key);
  if (response.status === 401 && request.path !== "/auth/login") {
    const renewed = await renew();
    if (!renewed && request.onUnauthorized !== "fail") await waitForLogin();
    if (renewed || request.onUnauthorized !== "fail") response = await exchange(request, key);
  }
  if (response.ok || response.status === 304) return response;
  throw await refusal(response);
}

async function refusal(response: Response): Promise<ApiError> {
  return refusalFrom(response.status, response.statusText, await response.text(), response.headers);
}

/** Makes the ApiError of an answer whose body was read as text. */
function refusalFrom(status: number, title: string, text: string, headers: Headers): ApiError {
  const parsed = problem.safeParse(json(text));
  const body = parsed.success ? parsed.data : problem.parse({ title });
  return new ApiError({ ...body, status }, headers);
}

/** Reads JSON; undefined where the text is none. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function read<S extends z.ZodMiniType>(path: string, text: string, schema: S): z.output<S> {
  const parsed = schema.safeParse(json(text));
  if (!parsed.success) throw new ShapeError(path, parsed.error);
  return parsed.data;
}

/** Sends a request and parses the answer's body. */
export async function send<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
): Promise<Answer<z.output<S>>> {
  const response = await answer(request);
  const data = read(request.path, await response.text(), schema);
  return { status: response.status, data, headers: response.headers };
}

/** Sends a request whose answer holds nothing of interest. */
export async function sendOnly(request: Request): Promise<void> {
  await answer(request);
}

/** The body of an answer that is a text of its own. */
export const getText = (path: string) => answer({ method: "GET", path }).then((response) => response.text());

/** Like send, but 304 answers with data null. */
export async function sendConditional<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
): Promise<Answer<z.output<S> | null>> {
  const response = await answer(request);
  const data = response.status === 304 ? null : read(request.path, await response.text(), schema);
  return { status: response.status, data, headers: response.headers };
}

/** Opens a stream of server-sent events: its body, read as it comes. Refusals throw as everywhere. */
export async function openStream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const headers = { Accept: "text/event-stream, application/problem+json" };
  const { body } = await answer({ method: "GET", path, headers, signal });
  if (!body) throw new Error(`${path}: the answer has no body`);
  return body;
}

/** The address of a WebSocket of the API. */
export function socketUrl(path: string): string {
  const url = new URL(base + path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}

type Options = Pick<Request, "signal" | "headers" | "keepalive" | "onUnauthorized">;

export const get = <S extends z.ZodMiniType>(path: string, schema: S, options: Options = {}) =>
  send({ method: "GET", path, ...options }, schema).then((a) => a.data);

export const put = <S extends z.ZodMiniType>(path: string, body: unknown, schema: S, options: Options = {}) =>
  send({ method: "PUT", path, body, ...options }, schema);

/** Parses a body that came another way than through `send`. */
export const parseBody = read;

/** Where a path of the API lives, for links and uploads. */
export const apiUrl = (path: string) => base + path;
