import * as z from "zod/mini";
import { get } from "./client";
import { list } from "./shape";

const user = z.object({ id: z.string(), name: z.string(), role: z.string() });

/** The colleagues whom work can be assigned to. */
export const getUsers = (signal?: AbortSignal) =>
  get("/users", z.object({ items: list(user) }), { signal }).then((answer) => answer.items);
