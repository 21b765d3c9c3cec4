import * as z from "zod";
import { get } from "./client";

const config = z.object({
  version: z.string(),
  env: z.string(),
  polling: z.object({
    fast_ms: z.number(),
    normal_ms: z.number(),
    slow_ms: z.number(),
    max_retries: z.number(),
    backoff_multiplier: z.number(),
    max_backoff_ms: z.number(),
  }),
  limits: z.object({
    state_max_kb: z.number(),
    template_max: z.number(),
    upload_max_bytes: z.number(),
    entities_max: z.number(),
  }),
  features: z.object({
    polling: z.boolean(),
    /** Server-sent events and WebSocket. */
    streams: z.boolean(),
    templates: z.boolean(),
    state_recovery: z.boolean(),
    audit_logging: z.boolean(),
  }),
});
export type Config = z.infer<typeof config>;

export const getConfig = (signal?: AbortSignal) => get("/config", config, { signal });
