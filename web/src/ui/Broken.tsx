import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { ApiError } from "../api/problem";
import { t } from "../app/texts";

/** A part of a screen that could not be loaded, with a way to try again. */
export function LoadFailed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <Alert color="red" role="alert" icon={<CircleAlert size={18} />} title={t.errors.loadFailed}>
      <Stack gap="xs">
        <Text size="sm">{error.message}</Text>
        <Text size="sm">{t.errors.loadSafe}</Text>
        {error instanceof ApiError && error.requestId && (
          <Text size="xs" c="dimmed">
            {t.errors.requestId(error.requestId)}
          </Text>
        )}
        <Group>
          <Button size="xs" variant="default" onClick={onRetry}>
            {t.errors.tryAgain}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
