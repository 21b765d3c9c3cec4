import { ActionIcon, Alert, Button, Divider, Group, Stack, Text, TextInput } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { Link } from "react-router";
import * as z from "zod";
import { useChangeProfile, useProfile } from "../../sync/profile";
import { useDraft } from "../../sync/useDraft";
import { tellUndoable } from "../../ui/undo";
import classes from "./history.module.css";
import { t } from "./texts";

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

const text = z.string();

type Props = { query: string /** of what is shown now */; onLeave: () => void };

/** The named views of the user: to go to, to add what is shown now, to remove. */
export function ViewsPanel({ query, onLeave }: Props) {
  const views = useProfile()?.views ?? [];
  const change = useChangeProfile();
  const { value: name, set, forget } = useDraft("view of the history", text, "");
  const replaces = views.some((view) => same(view.name, name));

  const save = () =>
    change.mutate(
      (now) => ({
        ...now,
        views: [...now.views.filter((view) => !same(view.name, name)), { name: name.trim(), query }],
      }),
      { onSuccess: forget },
    );

  const remove = (gone: string) =>
    change.mutate((now) => ({ ...now, views: now.views.filter((view) => view.name !== gone) }), {
      onSuccess: () => {
        const held = views.find((view) => view.name === gone);
        if (!held) return;
        tellUndoable(t.views.removed(gone), () =>
          change.mutateAsync((now) => ({ ...now, views: [...now.views, held] })),
        );
      },
    });

  return (
    <Stack gap={4}>
      {views.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.views.none}
        </Text>
      )}
      {views.map((view) => (
        <Group key={view.name} gap={4} wrap="nowrap">
          <Link
            to={{ pathname: "/", search: view.query }}
            className={classes.view}
            aria-current={view.query === query ? "true" : undefined}
            onClick={onLeave}
          >
            {view.name}
          </Link>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t.views.remove(view.name)}
            onClick={() => remove(view.name)}
          >
            <Trash2 size={14} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Divider my={6} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save();
        }}
      >
        <Group gap={6} align="flex-end" wrap="nowrap">
          <TextInput
            label={t.views.save}
            placeholder={t.views.name}
            value={name}
            maxLength={60}
            onChange={(event) => {
              const typed = event.currentTarget.value;
              set(() => typed);
            }}
            style={{ flex: 1 }}
          />
          <Button type="submit" disabled={name.trim() === ""} loading={change.isPending}>
            {replaces ? t.views.replace : t.views.keep}
          </Button>
        </Group>
      </form>
      {change.error && (
        <Alert color="red" role="alert" py="xs" title={t.views.failed}>
          {change.error.message}
        </Alert>
      )}
    </Stack>
  );
}
