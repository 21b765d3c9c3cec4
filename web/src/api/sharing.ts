import * as z from "zod";
import { get, put } from "./client";
import { investigation, versioned } from "./investigation";
import { list } from "./shape";

export type Sharing = { assignee?: string; shared?: boolean };

/** Assigns the investigation, or shares it with the organisation. Answers the state after it. */
export const share = (id: string, sharing: Sharing) =>
  put(`/wizard/${encodeURIComponent(id)}/sharing`, sharing, investigation).then(versioned);

const user = z.object({ id: z.string(), name: z.string(), role: z.string() });

/** The colleagues whom work can be assigned to. */
export const getUsers = (signal?: AbortSignal) =>
  get("/users", z.object({ items: list(user) }), { signal }).then((answer) => answer.items);
