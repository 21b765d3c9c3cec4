import { Button, Group, List, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { restoreTemplate, type Template } from "../../api/template";
import { templateVersionsQuery } from "../../sync/template";
import { LoadFailed } from "../../ui/Broken";
import { Section } from "../../ui/Section";
import { Instant } from "../../ui/time";
import classes from "./templates.module.css";
import { t } from "./texts";

/** What a template was, newest first, and what each save changed. */
export function Versions({ template }: { template: Template }) {
  const versions = useQuery(templateVersionsQuery(template.template_id));
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: (to: number) => restoreTemplate(template.template_id, to),
    onSuccess: () => client.invalidateQueries({ queryKey: ["templates"] }),
    onError: (error) => notifications.show({ color: "red", title: t.failed, message: error.message }),
  });
  if (versions.error) return <LoadFailed error={versions.error} onRetry={() => versions.refetch()} />;
  if (!versions.data || versions.data.length < 2) return null;
  return (
    <Section title={t.versions} hint={t.versionsHint}>
      <Stack gap="sm">
        {versions.data.map((version) => (
          <div key={version.version}>
            <Group gap="sm" justify="space-between">
              <Text size="sm">
                <strong>{t.version(version.version)}</strong> · <Instant at={version.at} /> ·{" "}
                {t.by(version.by)}
              </Text>
              {version.version !== template.version && (
                <Button
                  size="xs"
                  variant="default"
                  loading={restore.isPending && restore.variables === version.version}
                  onClick={() => restore.mutate(version.version)}
                >
                  {t.restore}
                </Button>
              )}
            </Group>
            <List size="xs" c="dimmed">
              {version.changed.length === 0 && <List.Item>{t.first}</List.Item>}
              {version.changed.map((change) => (
                <List.Item key={change.path} className={classes.wrap}>
                  {change.path}: {short(change.from)} → {short(change.to)}
                </List.Item>
              ))}
            </List>
          </div>
        ))}
      </Stack>
    </Section>
  );
}

/** A value in few characters. */
function short(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
