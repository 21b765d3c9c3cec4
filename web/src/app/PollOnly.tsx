import { Switch } from "@mantine/core";
import { usePreference } from "../sync/preference";
import { useChangeProfile } from "../sync/profile";
import { t } from "./texts";

/** Holds here at once, and from the next visit on wherever the user logs in. */
export function PollOnly() {
  const { followBy, choose } = usePreference();
  const change = useChangeProfile();
  return (
    <Switch
      size="xs"
      label={t.sync.pollOnly}
      description={t.sync.pollOnlyHint}
      error={change.error && t.sync.pollOnlyHere(change.error.message)}
      checked={followBy === "poll"}
      onChange={({ currentTarget }) => {
        const next = currentTarget.checked ? "poll" : "auto";
        choose(next);
        change.mutate((now) => ({ ...now, follow_by: next }));
      }}
    />
  );
}
