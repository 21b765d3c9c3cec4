import * as z from "zod";
import { sendConditional } from "./client";
import { event } from "./event";
import { investigation, status, step } from "./investigation";
import { list } from "./shape";

const answer = z.object({
  investigation_id: z.string(),
  version: z.number().int(),
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
});

/** What a poll brought; `news` is null where nothing happened since the cursor. */
export type Poll = { news: z.infer<typeof answer> | null; pollAfterMs: number | null };

/** Asks for what happened since `cursor`, the version that the caller holds. */
export async function poll(id: string, cursor: number, signal: AbortSignal): Promise<Poll> {
  const { data, headers } = await sendConditional(
    {
      method: "GET",
      path: `/wizard/${encodeURIComponent(id)}/poll?cursor=${cursor}`,
      headers: { "If-None-Match": `"${cursor}"` },
      signal,
    },
    answer,
  );
  const told = Number(headers.get("X-Poll-After-Ms") ?? Number.NaN);
  return { news: data, pollAfterMs: data?.poll_after_ms ?? (Number.isFinite(told) ? told : null) };
}
