import { Alert, Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { HardDrive, Snowflake } from "lucide-react";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { createInvestigation, type Draft, type Investigation } from "../../api/investigation";
import { t as app } from "../../app/texts";
import { onArrival } from "../../sync/arrivals";
import { useNames } from "../../sync/colleague";
import { differing, draftOf } from "../../sync/draft";
import { useWizardStore } from "../../sync/wizardStore";
import { fieldName } from "./fieldName";
import { useSaving } from "./saving";
import { t } from "./texts";

/** Tells where the browser cannot keep a copy of what is typed. */
export function StorageAlert() {
  const kept = useWizardStore((store) => store.kept);
  if (kept) return null;
  return (
    <Alert color="yellow" icon={<HardDrive size={18} />} title={t.vault.full} role="status">
      {t.vault.fullDetail}
    </Alert>
  );
}

/** Entries that cannot be saved any more because the run has begun: they become a draft of their own, or are given up. */
export function LateEntries({ state, draft }: { state: Investigation; draft: Draft }) {
  const { autosave } = useSaving();
  const navigate = useNavigate();
  const late = differing(draft, draftOf(state)).filter((field) => field.startsWith("settings."));
  const fork = useMutation({
    mutationFn: () => createInvestigation({ name: draft.name, settings: draft.settings }),
    onSuccess: (made) => {
      autosave.rollBack();
      navigate(`/investigations/${made.state.investigation_id}/settings`);
    },
    onError: (error) =>
      notifications.show({ color: "red", title: app.wizard.rerunFailed, message: error.message }),
  });
  if (state.status === "draft" || late.length === 0) return null;
  return (
    <Alert color="yellow" icon={<Snowflake size={18} />} title={t.vault.frozen}>
      <Text size="sm">{t.vault.frozenDetail(late.map(fieldName).join(", "))}</Text>
      <Group gap="xs" mt="sm">
        <Button size="xs" loading={fork.isPending} onClick={() => fork.mutate()}>
          {t.vault.asNew}
        </Button>
        <Button size="xs" variant="default" onClick={() => autosave.rollBack()}>
          {t.vault.discard}
        </Button>
      </Group>
    </Alert>
  );
}

/** Tells everybody who looks on when a save replaced a change that its writer had not seen. */
export function useConflictNews(id: string) {
  const nameOf = useRef<(user: string) => string>(String);
  nameOf.current = useNames(t.conflict.you);
  useEffect(() => {
    const told = new Set<number>();
    return onArrival(id, (events) => {
      for (const event of events) {
        if (event.type !== "conflict.detected" || told.has(event.seq)) continue;
        told.add(event.seq);
        notifications.show({
          color: "yellow",
          autoClose: false,
          title: t.conflict.announced(nameOf.current(event.actor.id)),
          message: t.conflict.announcedFields(
            event.data.fields.map(fieldName).join(", "),
            nameOf.current(event.data.by),
          ),
        });
      }
    });
  }, [id]);
}
