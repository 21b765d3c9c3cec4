import { Button, Group } from "@mantine/core";
import { Link } from "react-router";
import { ApiError } from "../../api/problem";
import { useWrites } from "../../sync/rights";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { useTitle } from "../../ui/PageHeader";
import { t } from "./texts";

/** A template that is not there, or could not be read. */
export function NotLoaded({ error, onRetry }: { error: Error; onRetry: () => void }) {
  useTitle(t.title);
  const writes = useWrites();
  if (!(error instanceof ApiError && error.status === 404))
    return <LoadFailed error={error} onRetry={onRetry} />;
  return (
    <EmptyState
      page
      title={t.gone}
      hint={t.goneHint}
      action={
        <Group gap="xs" justify="center">
          <Button component={Link} to="/templates">
            {t.back}
          </Button>
          {writes && (
            <Button component={Link} to="/templates?deleted=true" variant="default">
              {t.goneShow}
            </Button>
          )}
        </Group>
      }
    />
  );
}
