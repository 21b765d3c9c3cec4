import { Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { t } from "../app/texts";

type Props = { title: string; lead?: ReactNode; actions?: ReactNode };

/** The head of a page; also names the browser's tab. */
export function PageHeader({ title, lead, actions }: Props) {
  useTitle(title);
  return (
    <Group justify="space-between" align="flex-end" mb="xs" gap="md">
      <Stack gap={2}>
        <Title order={1}>{title}</Title>
        {lead && (
          <Text size="sm" c="dimmed" component="div">
            {lead}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}

/** Names the browser's tab while the component is mounted. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
    return () => {
      document.title = t.product;
    };
  }, [title]);
}
