import * as z from "zod/mini";
import { instant, orNull } from "./shape";

const health = z.object({
  durability: z._default(z.enum(["durable", "memory"]), "durable"),
  held_changes: z._default(z.number(), 0),
  held_since: orNull(instant),
});
export type Health = z.infer<typeof health>;

/** Whether writes are committed or held in memory; null where the server does not say. */
export async function getHealth(signal?: AbortSignal): Promise<Health | null> {
  const response = await fetch("/readyz", {
    headers: { Accept: "application/json" },
    signal: signal ?? null,
  });
  if (!response.ok) return null;
  const parsed = health.safeParse(await response.json());
  return parsed.success ? parsed.data : null;
}

/** Whether the server can be reached at all. */
export const isAlive = (): Promise<boolean> =>
  fetch("/healthz", { cache: "no-store" }).then(
    (response) => response.ok,
    () => false,
  );
