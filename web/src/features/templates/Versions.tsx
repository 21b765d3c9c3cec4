import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import * as z from "zod";
import { ApiError } from "../../api/problem";
import { restoreTemplate, savedOf, type Template, type TemplateVersion } from "../../api/template";
import { useMe } from "../../sync/session";
import { templateVersionsQuery } from "../../sync/template";
import { LoadFailed } from "../../ui/Broken";
import { Section } from "../../ui/Section";
import { Instant } from "../../ui/time";
import { tellUndoable } from "../../ui/undo";
import { differing } from "./Difference";
import type { Names } from "./describe";
import { mayChange } from "./TemplateActs";
import classes from "./templates.module.css";
import { t } from "./texts";
import { useCalled } from "./useCalled";

/** A version to make the newest, over the one that is; called otherwise where its name is taken. */
type Restore = { to: number; over: number; name?: string; undoes?: boolean };

/** What a template was, newest first, and what each save changed. */
export function Versions({ template }: { template: Template }) {
  const me = useMe().data;
  const may = me ? mayChange(template, me) : false;
  const versions = useQuery(templateVersionsQuery(template.template_id));
  const client = useQueryClient();
  const names = useCalled();
  const restore = useMutation({
    mutationFn: ({ to, over, name }: Restore) => restoreTemplate(template.template_id, to, over, name),
    onSuccess: (made, { to, over, undoes }) => {
      const back = { to: over, over: made.version, undoes: true };
      if (undoes) notifications.show({ message: t.madeNewest(to) });
      else tellUndoable(t.madeNewest(to), () => restore.mutateAsync(back));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["templates"] }),
    onError: (error) => {
      if (freeName(error)) return;
      notifications.show({ color: "red", title: t.failed, message: error.message });
    },
  });
  const free = freeName(restore.error);
  if (versions.error) return <LoadFailed error={versions.error} onRetry={() => versions.refetch()} />;
  if (!versions.data || versions.data.length < 2) return null;
  return (
    <Section title={t.versions} hint={may ? t.versionsHint : t.versionsKept}>
      <Stack gap="sm">
        {versions.data.map((version, i) => (
          <div key={version.version}>
            <Group gap="sm" justify="space-between">
              <Text size="sm">
                <strong>{t.version(version.version)}</strong> · <Instant at={version.at} /> ·{" "}
                {t.by(version.by)}
              </Text>
              {may && version.version !== template.version && (
                <Button
                  size="xs"
                  variant="default"
                  loading={restore.isPending && restore.variables.to === version.version}
                  onClick={() => restore.mutate({ to: version.version, over: template.version })}
                >
                  {t.restore}
                </Button>
              )}
            </Group>
            {free && restore.variables?.to === version.version && (
              <Alert color="yellow" role="alert" my="xs" title={t.restoreTaken}>
                <Button
                  size="xs"
                  maw="100%"
                  onClick={() => restore.mutate({ to: version.version, over: template.version, name: free })}
                >
                  {t.restoreAs(free)}
                </Button>
              </Alert>
            )}
            <List size="xs" c="dimmed">
              {told(version, versions.data[i + 1], names).map((line) => (
                <List.Item key={line} className={classes.wrap}>
                  {line}
                </List.Item>
              ))}
            </List>
          </div>
        ))}
      </Stack>
    </Section>
  );
}

/** A name that is free, where that of a version is not. */
const freeName = (error: Error | null) =>
  error instanceof ApiError && error.code === "name_taken"
    ? error.extra("suggested_name", z.string())
    : undefined;

/** What a version changed. */
function told(version: TemplateVersion, before: TemplateVersion | undefined, names: Names): string[] {
  if (!before) return [t.first];
  const lines = differing(savedOf(before), savedOf(version), names).map(({ label, was, is }) =>
    t.changedTo(label, short(was), short(is)),
  );
  if (version.deleted_at && !before.deleted_at) lines.unshift(t.wasRemoved);
  if (before.deleted_at && !version.deleted_at) lines.unshift(t.wasBrought);
  return lines.length > 0 ? lines : [t.same];
}

/** In few characters. */
function short(lines: string[]): string {
  const text = lines.join("; ") || t.empty;
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
