import * as z from "zod/mini";
import { get, put } from "./client";

/** A named way to look at the history: the query part of its address. */
const view = z.object({ name: z.string(), query: z.string() });

const profile = z.object({
  /** 0 where nothing was saved yet. */
  version: z.int(),
  /** Name of a time zone; empty is the browser's. */
  zone: z.string(),
  density: z.enum(["comfortable", "compact"]),
  /** How pages are kept up to date: by the best way that works, or by nothing but polls. */
  follow_by: z.enum(["auto", "poll"]),
  views: z.array(view),
});
/** What a user likes; the same on every machine. */
export type Profile = z.infer<typeof profile>;

export const getProfile = (signal?: AbortSignal) => get("/profile", profile, { signal });

/** Saves the next version; a 412 ApiError where another window was first. */
export const saveProfile = ({ version, ...rest }: Profile) =>
  put("/profile", rest, profile, { headers: { "If-Match": `"${version}"` } }).then((answer) => answer.data);
