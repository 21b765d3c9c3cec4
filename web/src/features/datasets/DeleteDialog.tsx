import { Alert, Button, Group, Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Dataset, deleteDataset } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import { t } from "../../app/texts";

type Props = { dataset: Dataset | null; onClose: () => void; onDeleted?: () => void };

/** Asks before a data set is deleted, and shows why the server would not. */
export function DeleteDialog({ dataset, onClose, onDeleted }: Props) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (target: Dataset) => deleteDataset(target.id),
    onSuccess: (_, target) => {
      onDeleted?.();
      onClose();
      client.removeQueries({ queryKey: ["datasets", target.id] });
      void client.invalidateQueries({ queryKey: ["datasets"], exact: true });
      notifications.show({ message: t.datasets.removed(target.name) });
    },
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <Modal
      opened={dataset !== null}
      onClose={close}
      title={dataset && t.datasets.removeAsk(dataset.name)}
      centered
    >
      <Text size="sm">{t.datasets.removeDetail}</Text>
      {remove.error && (
        <Alert color="red" mt="md" role="alert" title={t.datasets.removeFailed}>
          {remove.error instanceof ApiError &&
          remove.error.code === "dataset_in_use" &&
          remove.error.faults.length === 0
            ? t.datasets.removeInUse
            : remove.error.message}
          {remove.error instanceof ApiError &&
            remove.error.faults.map((fault) => <div key={fault.pointer}>{fault.detail}</div>)}
        </Alert>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close} data-autofocus>
          {t.datasets.removeNo}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => dataset && remove.mutate(dataset)}>
          {t.datasets.remove}
        </Button>
      </Group>
    </Modal>
  );
}
