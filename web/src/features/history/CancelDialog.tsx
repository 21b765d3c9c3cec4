import { Button, Group, Modal, Text } from "@mantine/core";
import { t } from "./texts";

type Props = { name: string; onClose: () => void; onCancel: () => void };

/** Asks whether the run of a row is to be cancelled. */
export const CancelDialog = ({ name, onClose, onCancel }: Props) => (
  <Modal opened onClose={onClose} title={t.cancelAsk} centered>
    <Text size="sm">{t.cancelDetail(name)}</Text>
    <Group justify="flex-end" mt="lg" gap="xs">
      <Button variant="default" onClick={onClose} data-autofocus>
        {t.cancelNo}
      </Button>
      <Button color="red" onClick={onCancel}>
        {t.cancelYes}
      </Button>
    </Group>
  </Modal>
);
