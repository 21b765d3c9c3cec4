import { Button, CopyButton, Group, Modal, Select, Stack, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Investigation } from "../../api/investigation";
import { type Sharing, share } from "../../api/sharing";
import { getUsers } from "../../api/user";
import { receive } from "../../sync/known";
import { t } from "./texts";

type Props = { investigation: Investigation; opened: boolean; onClose: () => void };

/** Who else may see the investigation, and who is asked to review it. */
export function ShareDialog({ investigation, opened, onClose }: Props) {
  const { investigation_id: id, user_id: owner, shared, assignee } = investigation;
  const client = useQueryClient();
  const { data: users = [] } = useQuery({
    queryKey: ["users"],
    queryFn: ({ signal }) => getUsers(signal),
    enabled: opened,
  });
  const change = useMutation({
    mutationFn: (sharing: Sharing) => share(id, sharing),
    onSuccess: (after) => receive(client, id, after),
    onError: (error) =>
      notifications.show({ color: "red", title: t.share.failed, message: error.message, autoClose: 10_000 }),
  });
  const colleagues = users.filter((user) => user.id !== owner || user.id === assignee);
  const offered = colleagues.map((user) => ({
    value: user.id,
    label: user.name && user.name !== user.id ? `${user.name} (${user.id})` : user.id,
  }));
  if (assignee && !offered.some(({ value }) => value === assignee)) {
    offered.unshift({ value: assignee, label: assignee });
  }
  return (
    <Modal opened={opened} onClose={onClose} title={t.share.title} centered>
      <Stack gap="lg">
        <Select
          label={t.share.assignee}
          description={t.share.assigneeHint}
          placeholder={t.share.nobody}
          data={offered}
          value={assignee || null}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t.share.clear }}
          allowDeselect={false}
          disabled={change.isPending}
          onChange={(to) => change.mutate({ assignee: to ?? "" })}
        />
        <Switch
          label={t.share.shared}
          description={t.share.sharedHint}
          checked={shared}
          disabled={change.isPending}
          onChange={(event) => change.mutate({ shared: event.currentTarget.checked })}
        />
        <Group justify="space-between">
          <Text size="xs" c="dimmed" maw={240}>
            {shared || assignee ? t.share.reaches : t.share.reachesNobody}
          </Text>
          <CopyButton value={`${location.origin}/investigations/${encodeURIComponent(id)}/results`}>
            {({ copied, copy }) => (
              <Button variant="default" size="xs" onClick={copy}>
                {copied ? t.share.copied : t.share.copy}
              </Button>
            )}
          </CopyButton>
        </Group>
      </Stack>
    </Modal>
  );
}
