import * as z from "zod/mini";

export const severities = ["low", "medium", "high", "critical"] as const;
export const severity = z.enum(severities);
export type Severity = z.infer<typeof severity>;

export const riskLevel = z.enum(["low", "medium", "high", "critical"]);
export type RiskLevel = z.infer<typeof riskLevel>;
