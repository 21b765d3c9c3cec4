import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { t } from "../app/texts";
import { useArrival } from "./useArrival";

type Crumb = { to: string; label: string };
type Props = {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode /** The pages above this one. */;
  crumbs?: Crumb[];
};

/** The head of a page; also names the browser's tab. */
export function PageHeader({ title, lead, actions, crumbs = [] }: Props) {
  useTitle(title);
  useArrival();
  return (
    <Group justify="space-between" align="flex-end" mb="md" gap="md">
      <Stack gap={2} style={{ minWidth: 0, overflowWrap: "anywhere" }}>
        {crumbs.length > 0 && (
          <Breadcrumbs
            separator="›"
            separatorMargin={6}
            component="nav"
            aria-label={t.crumbs}
            style={{ flexWrap: "wrap" }}
          >
            {crumbs.map(({ to, label }) => (
              <Anchor key={to} component={Link} to={to} size="xs" lh={1.5} truncate maw="min(320px, 60vw)">
                {label}
              </Anchor>
            ))}
            <Text size="xs" lh={1.5} c="dimmed" truncate maw="min(320px, 60vw)">
              {title}
            </Text>
          </Breadcrumbs>
        )}
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
