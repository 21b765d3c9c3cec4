import { put } from "./client";
import { investigation, versioned } from "./investigation";

export type Sharing = { assignee?: string; shared?: boolean };

/** Assigns the investigation, or shares it with the organisation. Answers the state after it. */
export const share = (id: string, sharing: Sharing) =>
  put(`/wizard/${encodeURIComponent(id)}/sharing`, sharing, investigation).then(versioned);
