import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTitle } from "./PageHeader";

type Props = {
  /** It is all there is on the page, and names the browser's tab. */
  page?: boolean;
  icon?: ReactNode;
  title: string;
  /** What to do next. */
  hint: string;
  /** The button that does it. */
  action?: ReactNode;
};

/** A place where nothing is yet. */
export function EmptyState({ page = false, icon, title, hint, action }: Props) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      {page && <Named title={title} />}
      {icon && <Text c="dimmed">{icon}</Text>}
      <Title order={page ? 1 : 2} size="h3">
        {title}
      </Title>
      <Text c="dimmed" size="sm" maw={440} style={{ textWrap: "balance" }}>
        {hint}
      </Text>
      {action && <div style={{ marginTop: 8 }}>{action}</div>}
    </Stack>
  );
}

function Named({ title }: { title: string }) {
  useTitle(title);
  return null;
}
