import { Button, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, Play, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { setArchived } from "../../api/history";
import type { Investigation } from "../../api/investigation";
import { formatAgo } from "../../ui/time";
import { tellUndoable } from "../../ui/undo";
import { t } from "./texts";

/** Asks what is to become of an investigation that was left long ago. */
export function StaleDialog({ state, onContinue }: { state: Investigation; onContinue: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const id = state.investigation_id;
  const busy = state.status === "running" || state.status === "paused";

  const put = (archived: boolean) =>
    setArchived([id], archived).then(() => client.invalidateQueries({ queryKey: ["history"] }));
  const tell = (error: Error) =>
    notifications.show({ color: "red", title: t.stale.failed, message: error.message });
  const archive = useMutation({
    mutationFn: () => put(true),
    onError: tell,
    onSuccess: () => {
      navigate("/");
      tellUndoable(t.stale.archived(state.name), () =>
        put(false).catch((error: Error) => {
          tell(error);
          throw error;
        }),
      );
    },
  });

  return (
    <Modal
      opened
      onClose={onContinue}
      withCloseButton={false}
      closeOnClickOutside={false}
      title={t.stale.title}
      centered
    >
      <Text size="sm" mb="md">
        {t.stale.lead(formatAgo(state.updated_at, Date.now()))}
      </Text>
      <Stack gap="xs">
        <Way
          icon={<Play size={16} aria-hidden />}
          label={t.stale.go}
          detail={t.stale.goDetail}
          onTake={onContinue}
          first
        />
        <Way
          icon={<Plus size={16} aria-hidden />}
          label={t.stale.fresh}
          detail={t.stale.freshDetail}
          onTake={() => navigate("/investigations/new")}
        />
        <Way
          icon={<Archive size={16} aria-hidden />}
          label={t.stale.archive}
          detail={busy ? t.stale.archiveBusy : t.stale.archiveDetail}
          disabled={busy}
          loading={archive.isPending}
          onTake={() => archive.mutate()}
        />
      </Stack>
    </Modal>
  );
}

type WayProps = {
  icon: ReactNode;
  label: string;
  detail: string;
  onTake: () => void;
  first?: boolean;
  disabled?: boolean;
  loading?: boolean;
};

function Way({ icon, label, detail, onTake, first = false, ...state }: WayProps) {
  return (
    <div>
      <Button
        fullWidth
        justify="flex-start"
        variant={first ? "filled" : "default"}
        leftSection={icon}
        onClick={onTake}
        {...(first ? { "data-autofocus": true } : {})}
        {...state}
      >
        {label}
      </Button>
      <Text size="xs" c="dimmed" mt={3} ml={4}>
        {detail}
      </Text>
    </div>
  );
}
