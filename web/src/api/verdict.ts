import { put, send } from "./client";
import { investigation, versioned } from "./investigation";
import type { Verdict } from "./review";

const path = (id: string, finding: string) =>
  `/wizard/${encodeURIComponent(id)}/findings/${encodeURIComponent(finding)}`;

/** Says whether a finding is right. Answers the state after it. */
export const judge = (id: string, finding: string, verdict: Verdict, reason: string) =>
  put(`${path(id, finding)}/verdict`, { verdict, reason }, investigation).then(versioned);

export const withdraw = (id: string, finding: string) =>
  send({ method: "DELETE", path: `${path(id, finding)}/verdict` }, investigation).then(versioned);

export const annotate = (id: string, finding: string, text: string) =>
  send({ method: "POST", path: `${path(id, finding)}/notes`, body: { text } }, investigation).then(versioned);
