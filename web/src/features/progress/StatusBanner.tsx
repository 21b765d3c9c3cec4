import { Alert, Anchor, Button, Code, Group, Stack, Text } from "@mantine/core";
import { Ban, CircleAlert, CircleCheck, CircleDashed, CirclePause } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Investigation } from "../../api/investigation";
import { sentence } from "../../api/problem";
import { partialBy } from "../../api/results";
import { t as words } from "../../app/texts";
import { Instant } from "../../ui/time";
import { countTools } from "./chart";
import { t } from "./texts";

/** Where the run stands when it is not running: what happened, what is safe, what to do. */
export function StatusBanner({ investigation }: { investigation: Investigation }) {
  const { investigation_id: id, status, progress, results, error, finished_at } = investigation;
  const counts = countTools(progress.tools);

  switch (status) {
    case "paused":
      return (
        <Alert color="yellow" icon={<CirclePause size={18} />} title={t.paused.title} role="status">
          {t.paused.detail(counts.over, counts.all)}
        </Alert>
      );
    case "error":
      return (
        <Alert color="red" icon={<CircleAlert size={18} />} title={t.error.title} role="alert">
          <Stack gap="xs">
            <Part title={t.error.happened}>
              {sentence(error?.message ?? "")}{" "}
              {error && (
                <Text span c="dimmed" size="sm">
                  (<Instant at={error.at} />, {t.error.code} <Code>{error.code}</Code>)
                </Text>
              )}
            </Part>
            <Part title={t.error.safe}>
              {t.error.safeDetail(counts.over - counts.failed, progress.findings)}
            </Part>
            <Part title={t.error.todo}>{t.error.todoDetail}</Part>
          </Stack>
        </Alert>
      );
    case "cancelled":
      return (
        <Alert color="gray" icon={<Ban size={18} />} title={t.cancelled.title} role="status">
          {results ? (
            <>
              {t.cancelled.detail(counts.over, counts.all)}{" "}
              <Anchor component={Link} to={`/investigations/${id}/results`} size="sm" underline="always">
                {t.cancelled.seeResults}
              </Anchor>
            </>
          ) : (
            t.cancelled.nothing(counts.over, counts.all)
          )}
        </Alert>
      );
    case "completed": {
      const part = results && partialBy(results);
      return (
        <Alert
          color={part ? "yellow" : "teal"}
          icon={part ? <CircleDashed size={18} /> : <CircleCheck size={18} />}
          role="status"
          py="xs"
        >
          <Group justify="space-between" gap="xs">
            <Text size="sm">
              {part
                ? `${words.partial.status}: ${words.partial.because[part].toLowerCase()}`
                : t.complete.title}
              {finished_at && (
                <Text span c="dimmed" size="sm">
                  {" · "}
                  <Instant at={finished_at} />
                </Text>
              )}
            </Text>
            <Button size="xs" component={Link} to={`/investigations/${id}/results`}>
              {t.complete.show}
            </Button>
          </Group>
        </Alert>
      );
    }
    default:
      return null;
  }
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </div>
  );
}
