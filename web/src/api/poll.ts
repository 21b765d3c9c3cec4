import * as z from "zod";
import { sendConditional } from "./client";
import { event } from "./event";
import { investigation } from "./investigation";
import { instant, list } from "./shape";
import { status, step } from "./status";

const viewMode = z.enum(["viewing", "editing"]);
export type ViewMode = z.infer<typeof viewMode>;

/** Somebody who looks at the investigation now. */
export const viewer = z.object({ user_id: z.string(), mode: viewMode, since: instant });
export type Viewer = z.infer<typeof viewer>;

const answer = z.object({
  investigation_id: z.string(),
  version: z.number().int(),
  durability: z.enum(["durable", "memory"]).default("durable"),
  status,
  wizard_step: step,
  events: list(event),
  next_cursor: z.number().int(),
  has_more: z.boolean(),
  /** The cursor could not be served: `state` is the whole state, in place of events. */
  reset: z.boolean(),
  state: investigation.nullish(),
  mode: z.enum(["fast", "normal", "slow"]),
  reason: z.string(),
  poll_after_ms: z.number(),
  server_time: instant,
  viewers: list(viewer),
});
type PollAnswer = z.infer<typeof answer>;

/** What a poll brought; `news` is null where the answer that `known` names still holds. */
export type Poll = {
  news: PollAnswer | null;
  pollAfterMs: number | null;
  reason: string | null;
  /** Names this answer: given back as `known`, it spares the server to repeat it. */
  tag: string | null;
};

export type PollOptions = {
  /** How long the server may hold the request until something happens, in ms. */
  holdMs?: number;
  mode?: ViewMode;
  known?: string | null;
  limit?: number;
  signal?: AbortSignal | undefined;
};

/** Asks for what happened since `cursor`, up to which the caller holds everything. */
export async function poll(id: string, cursor: number, options: PollOptions = {}): Promise<Poll> {
  const { holdMs = 0, mode = "viewing", known, limit, signal } = options;
  const query = new URLSearchParams({ cursor: String(cursor), mode });
  if (holdMs > 0) query.set("wait_ms", String(holdMs));
  if (limit) query.set("limit", String(limit));
  const { data, headers } = await sendConditional(
    {
      method: "GET",
      path: `/wizard/${encodeURIComponent(id)}/poll?${query}`,
      headers: known ? { "If-None-Match": known } : {},
      signal,
    },
    answer,
  );
  const told = Number(headers.get("X-Poll-After-Ms") ?? Number.NaN);
  return {
    news: data,
    pollAfterMs: data?.poll_after_ms ?? (Number.isFinite(told) ? told : null),
    reason: data?.reason ?? headers.get("X-Poll-Reason"),
    tag: headers.get("ETag"),
  };
}
