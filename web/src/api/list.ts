import * as z from "zod";
import { get, send, sendOnly } from "./client";
import { instant, list as listOf, textOrEmpty } from "./shape";

/** What it means to be on a list. */
export const listKinds = ["bad", "good", "vpn", "bin", "note"] as const;
type ListKind = (typeof listKinds)[number];

const knownList = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(listKinds),
  entity_type: z.string(),
  /** Who made it, or where it was fetched. */
  source: z.string(),
  license: textOrEmpty,
  source_date: instant,
  imported_at: instant,
  imported_by: z.string(),
  filename: textOrEmpty,
  sha256: z.string(),
  values: z.number(),
  /** Networks among the values. */
  ranges: z.number(),
  /** Lines that were no value of its type. */
  rejected: z.number(),
  stale: z.boolean(),
});
export type KnownList = z.infer<typeof knownList>;

const hit = z.object({ list: z.string(), value: z.string(), note: textOrEmpty });

export const getLists = (signal?: AbortSignal) =>
  get("/lists", z.object({ items: listOf(knownList) }), { signal }).then((answer) => answer.items);

/** The lines that name a value, also by a network or a domain that holds it. */
export const getListHits = (value: string, signal?: AbortSignal) =>
  get(`/lists/hits?${new URLSearchParams({ value })}`, z.object({ items: listOf(hit) }), { signal }).then(
    (answer) => answer.items,
  );

/** What a person says of a list that they bring. */
export type ListWords = {
  name: string;
  kind: ListKind;
  entity_type: string;
  source: string;
  license: string;
  /** As of when it is, such as 2026-01-31; empty is today. */
  source_date: string;
};

export function importList(words: ListWords, file: File) {
  const body = new FormData();
  for (const [name, value] of Object.entries(words)) if (value !== "") body.set(name, value);
  body.set("file", file); // it is read as it comes, so it stands last
  return send({ method: "POST", path: "/lists", body }, knownList).then((answer) => answer.data);
}

export const deleteList = (id: string) =>
  sendOnly({ method: "DELETE", path: `/lists/${encodeURIComponent(id)}` });
