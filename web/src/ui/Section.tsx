import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { title: string; hint?: ReactNode; aside?: ReactNode; id?: string; children: ReactNode };

/** A titled sheet of a page. */
export function Section({ title, hint, aside, id, children }: Props) {
  return (
    <Paper component="section" id={id} aria-label={title} bg="var(--paper)">
      <Group justify="space-between" align="flex-start" mb="md" gap="md">
        <Stack gap={2} flex="1 1 10rem">
          <Title order={2} size="h3">
            {title}
          </Title>
          {hint && (
            <Text size="sm" c="dimmed">
              {hint}
            </Text>
          )}
        </Stack>
        {aside && <div style={{ whiteSpace: "nowrap" }}>{aside}</div>}
      </Group>
      {children}
    </Paper>
  );
}
