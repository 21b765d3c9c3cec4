import { Alert, Button, Group, Text } from "@mantine/core";
import { CloudAlert, CloudOff } from "lucide-react";
import { t } from "../../app/texts";
import { useConnection } from "../../sync/connection";
import { useNow } from "../../ui/useNow";

/** Says over the page that it does not get through to the server, and when it tries again. The page keeps what it shows. */
export function ConnectionNotice() {
  const { online, lost, retryAt, retryNow } = useConnection();
  const now = useNow(1000, lost);
  if (!online) {
    return (
      <Alert color="gray" icon={<CloudOff size={18} />} role="status" py="xs">
        {t.sync.offlineDetail}
      </Alert>
    );
  }
  if (!lost) return null;
  const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <Alert color="red" icon={<CloudAlert size={18} />} py="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="tabular">
          {t.sync.lostDetail(seconds > 0 ? t.sync.retryIn(seconds) : t.sync.retryingNow)}
        </Text>
        {retryNow && (
          <Button size="xs" variant="default" onClick={retryNow}>
            {t.sync.retryNow}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
