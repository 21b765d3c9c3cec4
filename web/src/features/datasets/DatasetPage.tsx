import { Button, Code, Skeleton, Stack, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Combine, FileSearch, ListOrdered, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { ColumnsPage } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import { t } from "../../app/texts";
import { useConfig } from "../../sync/config";
import { columnsQuery, datasetQuery, rejectedQuery } from "../../sync/dataset";
import { LoadFailed } from "../../ui/Broken";
import cards from "../../ui/cards.module.css";
import { EmptyState } from "../../ui/EmptyState";
import { formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Columns } from "./Columns";
import classes from "./DatasetPage.module.css";
import { DeleteDialog } from "./DeleteDialog";
import { Facts } from "./Facts";
import { JoinDialog } from "./JoinDialog";
import { RankDialog } from "./RankDialog";
import { t as texts } from "./texts";
import { Words } from "./Words";

/** One file: what it holds and what its columns were taken for, to be corrected by hand. */
export function DatasetPage() {
  const { id = "" } = useParams();
  const dataset = useQuery(datasetQuery(id));
  const columns = useQuery(columnsQuery(id));
  const [removing, setRemoving] = useState(false);
  const [joining, setJoining] = useState(false);
  const [ranking, setRanking] = useState(false);
  const { limits } = useConfig();
  const navigate = useNavigate();

  if (dataset.error instanceof ApiError && dataset.error.status === 404) {
    return (
      <EmptyState
        page
        title={t.errors.notFound}
        hint={t.errors.notFoundDetail}
        action={
          <Button component={Link} to="/datasets">
            {t.datasets.back}
          </Button>
        }
      />
    );
  }
  if (dataset.error) return <LoadFailed error={dataset.error} onRetry={() => dataset.refetch()} />;
  if (!dataset.data) return <PageSkeleton />;
  const data = dataset.data;

  return (
    <Stack gap="md" maw={1280} mx="auto">
      <PageHeader
        title={data.name}
        crumbs={[{ to: "/datasets", label: t.datasets.title }]}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<Trash2 size={15} aria-hidden />}
              onClick={() => setRemoving(true)}
            >
              {t.datasets.remove}
            </Button>
            <Button
              variant="default"
              leftSection={<Combine size={15} aria-hidden />}
              onClick={() => setJoining(true)}
            >
              {texts.join.open}
            </Button>
            <Button
              variant="default"
              leftSection={<ListOrdered size={15} aria-hidden />}
              onClick={() => setRanking(true)}
            >
              {texts.ranking.open}
            </Button>
            <Button
              component={Link}
              to={`/investigations/new?dataset=${encodeURIComponent(id)}`}
              leftSection={<FileSearch size={15} aria-hidden />}
            >
              {t.datasets.investigate}
            </Button>
          </>
        }
      />
      <Facts dataset={data} />
      {data.rejected_rows > 0 && <Rejected id={id} />}
      {columns.error ? (
        <LoadFailed error={columns.error} onRetry={() => columns.refetch()} />
      ) : columns.data ? (
        <>
          <Columns dataset={data} page={columns.data} />
          <Words of="status" dataset={data} page={columns.data} />
          <Words of="event_type" dataset={data} page={columns.data} />
          <Preview page={columns.data} />
        </>
      ) : (
        <Skeleton h={320} />
      )}
      <JoinDialog
        key={id}
        dataset={data}
        opened={joining}
        onClose={() => setJoining(false)}
        onJoined={(made) => navigate(`/datasets/${made.id}`)}
      />
      <RankDialog
        dataset={data}
        opened={ranking}
        onClose={() => setRanking(false)}
        take={texts.ranking.investigate}
        room={limits.entities_max}
        onTake={(entities) => {
          const query = new URLSearchParams({ dataset: id });
          for (const { type, value } of entities) query.append("entity", `${type}:${value}`);
          navigate(`/investigations/new?${query}`);
        }}
      />
      <DeleteDialog
        dataset={removing ? data : null}
        onClose={() => setRemoving(false)}
        onDeleted={() => navigate("/datasets", { replace: true })}
      />
    </Stack>
  );
}

/** What the import could not read, as it stood in the file. */
function Rejected({ id }: { id: string }) {
  const rejected = useQuery(rejectedQuery(id));
  if (rejected.error) return <LoadFailed error={rejected.error} onRetry={() => rejected.refetch()} />;
  if (!rejected.data) return <Skeleton h={120} />;
  const { items, total } = rejected.data;
  return (
    <Section
      title={t.datasets.rejected}
      hint={t.datasets.rejectedHint(formatCount(items.length), formatCount(total))}
    >
      <Table.ScrollContainer minWidth={0} mah={320} type="native" tabIndex={0}>
        <Table className={`tabular ${cards.cards}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">{t.datasets.line}</Table.Th>
              <Table.Th>{t.datasets.reason}</Table.Th>
              <Table.Th>{t.datasets.text}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((row) => (
              <Table.Tr key={row.line}>
                <Table.Td className={cards.number} data-label={t.datasets.line}>
                  {formatCount(row.line)}
                </Table.Td>
                <Table.Td data-label={t.datasets.reason}>{row.reason}</Table.Td>
                <Table.Td>
                  <Code className={classes.source}>{row.text}</Code>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function Preview({ page }: { page: ColumnsPage }) {
  if (page.preview.length === 0) return null;
  return (
    <Section title={t.datasets.preview}>
      <Table.ScrollContainer minWidth={600} type="native" tabIndex={0}>
        <Table className={`${classes.preview} tabular`} verticalSpacing={5} withColumnBorders>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">{t.datasets.row}</Table.Th>
              {page.columns.map((column) => (
                <Table.Th key={column.source}>{column.source}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {page.preview.map(({ row, values }) => (
              <Table.Tr key={row}>
                <Table.Td ta="right" c="dimmed">
                  {row}
                </Table.Td>
                {page.columns.map((column) => (
                  <Table.Td key={column.source}>{values[column.source] ?? ""}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
