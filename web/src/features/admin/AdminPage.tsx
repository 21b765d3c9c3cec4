import { Alert, Anchor, Button, Code, SimpleGrid, Skeleton, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { DatabaseBackup } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { type AdminStatus, backUp, getAdminStatus } from "../../api/admin";
import { ApiError } from "../../api/problem";
import { LoadFailed } from "../../ui/Broken";
import { NotForRole } from "../../ui/NotForRole";
import { formatBytes, formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { Section } from "../../ui/Section";
import { Tag } from "../../ui/Tone";
import { Instant } from "../../ui/time";
import { t } from "./texts";

const refreshMs = 10_000;

/** How the server and its database stand, for administrators. */
export function AdminPage() {
  const status = useQuery({
    queryKey: ["admin"],
    queryFn: ({ signal }) => getAdminStatus(signal),
    refetchInterval: refreshMs,
    retry: false,
  });
  if (status.error instanceof ApiError && status.error.status === 403) {
    return <NotForRole title={t.forbidden} hint={status.error.message} />;
  }
  return (
    <Stack gap="md" maw={1280} mx="auto">
      <PageHeader title={t.title} lead={t.lead} />
      {status.error && <LoadFailed error={status.error} onRetry={() => void status.refetch()} />}
      {status.isPending && <Skeleton h={320} />}
      {status.data && (
        <>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Writes {...status.data} />
            <Database {...status.data} />
          </SimpleGrid>
          <Backups {...status.data} />
          <Audit {...status.data} />
        </>
      )}
    </Stack>
  );
}

/** Names and values. */
function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0}>
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={190} style={{ verticalAlign: "top", fontWeight: 450 }} c="dimmed">
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Writes({ writes, queue }: AdminStatus) {
  const durable = writes.mode === "durable";
  const facts: [string, ReactNode][] = [[t.queue, formatCount(queue)]];
  if (writes.since) facts.push([t.since, <Instant key="since" at={writes.since} />]);
  if (!durable) {
    facts.push([t.held, t.heldValue(formatCount(writes.held_changes), formatBytes(writes.held_bytes))]);
  }
  if (writes.error) facts.push([t.reason, writes.error]);
  return (
    <Section
      title={t.writes}
      aside={<Tag tone={durable ? "clear" : "critical"}>{t.modeName[writes.mode]}</Tag>}
    >
      <Text size="sm" mb="xs">
        {t.mode[writes.mode]}
      </Text>
      <Facts facts={facts} />
    </Section>
  );
}

function Database({ database, retention }: AdminStatus) {
  const facts: [string, ReactNode][] = [
    [t.kind, database.kind],
    [t.schema, database.schema],
    [t.size, formatBytes(database.size_bytes)],
  ];
  if (database.wal_bytes > 0) facts.push([t.wal, formatBytes(database.wal_bytes)]);
  facts.push([t.retention, t.days(retention.max_age_days)]);
  return (
    <Section title={t.database}>
      <Facts facts={facts} />
    </Section>
  );
}

function Backups({ backups }: AdminStatus) {
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: backUp,
    onSuccess: (made) => {
      notifications.show({ title: t.backedUp, message: made.file });
      return client.invalidateQueries({ queryKey: ["admin"] });
    },
    onError: (error) =>
      notifications.show({ color: "red", title: t.backUpFailed, message: error.message, autoClose: false }),
  });
  const { last, last_rehearsal: rehearsal } = backups;
  const facts: [string, ReactNode][] = [
    [t.directory, <Code key="directory">{backups.directory}</Code>],
    [t.schedule, backups.every_hours > 0 ? t.every(backups.every_hours, backups.keep) : t.never],
  ];
  if (last) {
    const words = t.lastValue(formatBytes(last.bytes), last.investigations);
    facts.push([
      t.last,
      <span key="last">
        <Instant at={last.at} /> · {words}
      </span>,
    ]);
  }
  facts.push([
    t.rehearsal,
    rehearsal ? (
      <span key="rehearsal">
        <Instant at={rehearsal.at} /> ·{" "}
        {rehearsal.ok ? t.rehearsalOk : `${t.rehearsalBad}: ${rehearsal.detail}`}
      </span>
    ) : (
      t.noRehearsal
    ),
  ]);
  return (
    <Section
      title={t.backups}
      aside={
        <Button
          size="xs"
          leftSection={<DatabaseBackup size={15} aria-hidden />}
          loading={make.isPending}
          onClick={() => make.mutate()}
        >
          {t.backUp}
        </Button>
      }
    >
      {backups.last_error && (
        <Alert color="red" title={t.lastError} mb="sm">
          {backups.last_error}
        </Alert>
      )}
      <Facts facts={facts} />
      {backups.items.length === 0 ? (
        <Text size="sm" c="dimmed" mt="xs">
          {t.none}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={360} type="native">
          <Table mt="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.made}</Table.Th>
                <Table.Th>{t.file}</Table.Th>
                <Table.Th ta="right">{t.size}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {backups.items.map((item) => (
                <Table.Tr key={item.file}>
                  <Table.Td>
                    <Instant at={item.at} />
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{item.file}</Table.Td>
                  <Table.Td className="tabular" ta="right">
                    {formatBytes(item.bytes)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}

function Audit({ audit }: AdminStatus) {
  return (
    <Section
      title={t.audit}
      aside={
        <Anchor component={Link} to="/audit" size="sm">
          {t.trail}
        </Anchor>
      }
    >
      <Facts
        facts={[
          [t.entries, formatCount(audit.size)],
          [t.root, <Code key="root">{audit.root}</Code>],
          [t.signed, audit.signed_at ? <Instant key="signed" at={audit.signed_at} /> : t.unsigned],
        ]}
      />
      <Text size="xs" c="dimmed" mt="sm">
        {t.verify} <Code>{t.verifyCommand}</Code>
      </Text>
    </Section>
  );
}
