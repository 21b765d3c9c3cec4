import { ActionIcon, Button, Group, Paper, Skeleton, Stack, Table, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Database, FileSearch, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Dataset } from "../../api/dataset";
import { t } from "../../app/texts";
import { datasetsQuery } from "../../sync/dataset";
import { LoadFailed } from "../../ui/Broken";
import cards from "../../ui/cards.module.css";
import { EmptyState } from "../../ui/EmptyState";
import { formatBytes, formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { Tag } from "../../ui/Tone";
import { formatDay, Instant } from "../../ui/time";
import classes from "./DatasetsPage.module.css";
import { DeleteDialog } from "./DeleteDialog";
import { Refused } from "./Refused";
import { t as texts } from "./texts";
import { UploadField } from "./UploadField";

/** The files that can be investigated. */
export function DatasetsPage() {
  const datasets = useQuery(datasetsQuery);
  const navigate = useNavigate();
  const [removing, setRemoving] = useState<Dataset | null>(null);

  return (
    <Stack gap="md" maw={1280} mx="auto">
      <PageHeader title={t.datasets.title} lead={t.datasets.lead} />
      <UploadField onUploaded={(dataset) => navigate(`/datasets/${dataset.id}`)} />
      <Paper p={0} bg="var(--paper)" className={classes.sheet}>
        {datasets.error ? (
          <LoadFailed error={datasets.error} onRetry={() => datasets.refetch()} />
        ) : !datasets.data ? (
          <Stack p="md" gap="xs">
            <Skeleton h={36} />
            <Skeleton h={36} />
            <Skeleton h={36} />
          </Stack>
        ) : datasets.data.length === 0 ? (
          <EmptyState
            icon={<Database size={32} aria-hidden />}
            title={t.datasets.none}
            hint={t.datasets.noneHint}
          />
        ) : (
          <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
            <Table highlightOnHover className={`tabular ${cards.cards}`}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t.datasets.name}</Table.Th>
                  <Table.Th ta="right">{t.datasets.rows}</Table.Th>
                  <Table.Th>{t.datasets.span}</Table.Th>
                  <Table.Th ta="right">{t.datasets.size}</Table.Th>
                  <Table.Th>{t.datasets.added}</Table.Th>
                  <Table.Th>
                    <span className={classes.hidden}>{t.datasets.use}</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {datasets.data.map((dataset) => (
                  <DatasetRow key={dataset.id} dataset={dataset} onRemove={() => setRemoving(dataset)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Paper>
      <Refused />
      <DeleteDialog dataset={removing} onClose={() => setRemoving(null)} />
    </Stack>
  );
}

function DatasetRow({ dataset, onRemove }: { dataset: Dataset; onRemove: () => void }) {
  const { first_event_at: first, last_event_at: last } = dataset;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="4px 8px">
          <Link to={`/datasets/${dataset.id}`} className={classes.name}>
            {dataset.name}
          </Link>
          {dataset.in_use && <Tag tone="none">{t.datasets.inUse}</Tag>}
          {dataset.origin === "watched_directory" && <Tag tone="none">{texts.watched}</Tag>}
        </Group>
        {dataset.filename !== dataset.name && (
          <Text size="xs" c="dimmed" className={classes.file}>
            {dataset.filename}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={cards.number} data-label={t.datasets.rows}>
        {formatCount(dataset.rows)}
        {dataset.rejected_rows > 0 && (
          <Text size="xs" c="dimmed">
            {t.settings.rejected(formatCount(dataset.rejected_rows))}
          </Text>
        )}
      </Table.Td>
      <Table.Td data-label={t.datasets.span}>
        {first && last ? (
          <>
            <Instant at={first} format={formatDay} /> – <Instant at={last} format={formatDay} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            {t.datasets.noTime}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={cards.number} data-label={t.datasets.size}>
        {formatBytes(dataset.bytes)}
      </Table.Td>
      <Table.Td data-label={t.datasets.added}>
        <Instant at={dataset.created_at} format={formatDay} />
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap" justify="flex-end">
          <Button
            component={Link}
            to={`/investigations/new?dataset=${encodeURIComponent(dataset.id)}`}
            size="xs"
            variant="default"
            leftSection={<FileSearch size={14} aria-hidden />}
          >
            {t.datasets.investigate}
          </Button>
          <Tooltip label={t.datasets.remove}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${t.datasets.remove}: ${dataset.name}`}
              onClick={onRemove}
            >
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
