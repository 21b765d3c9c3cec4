import { Alert, Modal, Select, Stack, Text } from "@mantine/core";
import type { Profile } from "../api/profile";
import { useChangeProfile, useProfile } from "../sync/profile";
import { Segmented } from "../ui/Segmented";
import { PollOnly } from "./PollOnly";
import { t } from "./texts";

/** The zones that this browser knows, its own first. */
function zones() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const others = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
  return [
    { value: "", label: t.preferences.ownZone(own) },
    ...others.map((zone) => ({ value: zone, label: zone })),
  ];
}

/** How the user likes the pages; saved as it is chosen, for every machine. */
export function Preferences({ onClose }: { onClose: () => void }) {
  const profile = useProfile();
  const change = useChangeProfile();
  const set = (part: Partial<Profile>) => change.mutate((now) => ({ ...now, ...part }));
  const next = change.isPending ? change.variables : undefined;
  const shown = profile && (next ? next(profile) : profile);
  return (
    <Modal opened onClose={onClose} title={t.preferences.title} centered>
      <Stack gap="md">
        <Select
          label={t.preferences.zone}
          description={t.preferences.zoneHint}
          data={zones()}
          value={shown?.zone ?? ""}
          onChange={(zone) => set({ zone: zone ?? "" })}
          searchable
          disabled={!profile}
        />
        <Stack gap={4}>
          <Text size="sm" fw={500} id="density">
            {t.preferences.density}
          </Text>
          <Segmented
            aria-labelledby="density"
            value={shown?.density ?? "comfortable"}
            onChange={(density) => set({ density })}
            options={[
              { value: "comfortable", label: t.preferences.comfortable },
              { value: "compact", label: t.preferences.compact },
            ]}
            disabled={!profile}
          />
        </Stack>
        <PollOnly />
        {change.error && (
          <Alert color="red" role="alert" title={t.preferences.failed}>
            {change.error.message}
          </Alert>
        )}
        <Text size="xs" c="dimmed">
          {t.preferences.everywhere}
        </Text>
      </Stack>
    </Modal>
  );
}
