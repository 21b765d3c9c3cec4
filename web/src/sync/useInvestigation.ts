import { useQuery } from "@tanstack/react-query";
import type { Investigation } from "../api/investigation";
import { investigationQuery } from "./known";

/** The state of an investigation, kept current while some component follows it. */
export function useInvestigation(id: string) {
  return useQuery({ ...investigationQuery(id), select: (known): Investigation => known.state });
}
