import * as z from "zod";
import { get, send } from "./client";
import { dataset } from "./dataset";
import { list } from "./shape";

const match = z.object({
  rows: z.number(),
  matched: z.number(),
  unmatched: z.number(),
  no_key: z.number(),
  other_rows: z.number(),
  other_no_key: z.number(),
  unused: z.number(),
  repeated: z.number(),
  unmatched_keys: list(z.string()),
  unused_keys: list(z.string()),
  repeated_keys: list(z.string()),
});
export type Match = z.infer<typeof match>;

/** Which file to join, by which columns of both. */
export type Joining = { other: string; on: string; with: string };

const path = (id: string) => `/datasets/${encodeURIComponent(id)}`;

/** How the rows of two files meet; nothing is made. */
export const getMatch = (id: string, joining: Joining, signal?: AbortSignal) =>
  get(`${path(id)}/match?${new URLSearchParams(joining)}`, match, { signal });

/** Makes a data set of both files. */
export const joinDatasets = (id: string, body: Joining & { name: string }) =>
  send({ method: "POST", path: `${path(id)}/join`, body }, dataset).then((answer) => answer.data);
