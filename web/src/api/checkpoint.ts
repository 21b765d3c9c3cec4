import * as z from "zod";
import { get, send } from "./client";
import { investigation, versioned } from "./investigation";
import { instant, list, textOrEmpty } from "./shape";

const checkpoint = z.object({
  /** The event that made it; the state there is what can be brought back. */
  seq: z.number().int(),
  at: instant,
  label: z.string(),
  by: z.object({ kind: z.string(), id: z.string() }),
  /** The phase that had just ended, where the run made it. */
  phase: textOrEmpty,
});
export type Checkpoint = z.infer<typeof checkpoint>;

const difference = z.object({ path: z.string(), text: z.string() });

const path = (id: string) => `/wizard/${encodeURIComponent(id)}`;

/** The checkpoints, newest first. */
export const getCheckpoints = (id: string, signal?: AbortSignal) =>
  get(`${path(id)}/checkpoints`, z.object({ items: list(checkpoint) }), { signal }).then((a) => a.items);

/** Marks this place; answers the state after it. */
export const makeCheckpoint = (id: string, label: string) =>
  send({ method: "POST", path: `${path(id)}/checkpoint`, body: { label } }, investigation).then(versioned);

/** Brings the state back to a checkpoint; answers the state after it. */
export const restoreCheckpoint = (id: string, seq: number) =>
  send({ method: "POST", path: `${path(id)}/checkpoints/${seq}/restore`, body: {} }, investigation).then(
    versioned,
  );

/** What differs between two versions, in the words of the server; without `to`, up to now. */
export const getChanges = (id: string, from: number, to: number | null, signal?: AbortSignal) =>
  get(
    `${path(id)}/changes?from=${from}${to === null ? "" : `&to=${to}`}`,
    z.object({ from: z.number(), to: z.number(), items: list(difference) }),
    { signal },
  );
