import {
  ActionIcon,
  Alert,
  Anchor,
  Breadcrumbs,
  Button,
  Code,
  CopyButton,
  Group,
  Select,
  SimpleGrid,
  Skeleton,
  Stack,
  Table,
  Text,
  Tooltip,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Combine, Copy, FileSearch, ShieldOff, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import * as z from "zod";
import { type Column, type ColumnsPage, type Dataset, forgetMapping, setColumns } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import { t } from "../../app/texts";
import { columnsQuery, datasetQuery, rejectedQuery, shapesQuery } from "../../sync/dataset";
import { useDraft } from "../../sync/useDraft";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { formatBytes, formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { Tag } from "../../ui/Tone";
import { formatDay, Instant } from "../../ui/time";
import classes from "./DatasetPage.module.css";
import { DeleteDialog } from "./DeleteDialog";
import { JoinDialog } from "./JoinDialog";
import { type Corrections, correct, mappingOf, meaningOf } from "./mapping";
import { t as texts } from "./texts";

/** One file: what it holds and what its columns were taken for, to be corrected by hand. */
export function DatasetPage() {
  const { id = "" } = useParams();
  const dataset = useQuery(datasetQuery(id));
  const columns = useQuery(columnsQuery(id));
  const [removing, setRemoving] = useState(false);
  const [joining, setJoining] = useState(false);
  const navigate = useNavigate();

  if (dataset.error instanceof ApiError && dataset.error.status === 404) {
    return (
      <EmptyState
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
      <div>
        <Breadcrumbs separator="›" separatorMargin={6} mb={8}>
          <Anchor component={Link} to="/datasets" size="xs">
            {t.datasets.title}
          </Anchor>
          <Text size="xs" c="dimmed">
            {data.name}
          </Text>
        </Breadcrumbs>
        <PageHeader
          title={data.name}
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
                component={Link}
                to={`/investigations/new?dataset=${encodeURIComponent(id)}`}
                leftSection={<FileSearch size={15} aria-hidden />}
              >
                {t.datasets.investigate}
              </Button>
            </>
          }
        />
      </div>
      <Facts dataset={data} />
      {data.rejected_rows > 0 && <Rejected id={id} />}
      {columns.error ? (
        <LoadFailed error={columns.error} onRetry={() => columns.refetch()} />
      ) : columns.data ? (
        <>
          <Columns dataset={data} page={columns.data} />
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
      <DeleteDialog
        dataset={removing ? data : null}
        onClose={() => setRemoving(false)}
        onDeleted={() => navigate("/datasets", { replace: true })}
      />
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" component="dt">
        {label}
      </Text>
      <Text size="sm" fw={550} component="dd" m={0} className="tabular">
        {children}
      </Text>
    </div>
  );
}

function Facts({ dataset }: { dataset: Dataset }) {
  return (
    <Section title={t.datasets.file}>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 5 }} spacing="lg" m={0}>
        <Fact label={t.datasets.rows}>{formatCount(dataset.rows)}</Fact>
        <Fact label={t.datasets.rejected}>{formatCount(dataset.rejected_rows)}</Fact>
        <Fact label={t.datasets.events}>
          {dataset.first_event_at && dataset.last_event_at ? (
            <>
              <Instant at={dataset.first_event_at} format={formatDay} /> –{" "}
              <Instant at={dataset.last_event_at} format={formatDay} />
            </>
          ) : (
            t.datasets.noTime
          )}
        </Fact>
        <Fact label={t.datasets.size}>{formatBytes(dataset.bytes)}</Fact>
        {dataset.derived.length > 0 && (
          <Fact label={texts.derived}>
            {dataset.derived.join(", ")}
            {dataset.databases.map((book) => (
              <Text size="xs" c="dimmed" key={book.filename}>
                {book.filename} · {book.type} · <Instant at={book.built_at} format={formatDay} />
              </Text>
            ))}
          </Fact>
        )}
        <Fact label={t.datasets.added}>
          <Instant at={dataset.created_at} />
        </Fact>
      </SimpleGrid>
      <Group gap={6} mt="md" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {t.datasets.sha}
        </Text>
        <Code className={classes.hash}>{dataset.sha256}</Code>
        <CopyButton value={dataset.sha256}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? t.datasets.copied : t.datasets.copy}>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t.datasets.copy} onClick={copy}>
                {copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      {dataset.parts.length > 0 && <Parts dataset={dataset} />}
    </Section>
  );
}

/** The files of a joined data set, and how they met. */
function Parts({ dataset }: { dataset: Dataset }) {
  return (
    <Stack gap={6} mt="md">
      <Text size="xs" c="dimmed">
        {texts.join.parts}
      </Text>
      {dataset.parts.map((part) => (
        <div key={part.filename + part.sha256}>
          <Text size="sm">
            <b>{part.filename}</b> · {texts.join.part(formatCount(part.rows))}
          </Text>
          {part.on !== "" && (
            <Text size="sm">
              {texts.join.met(
                part.on,
                part.with,
                formatCount(part.matched),
                formatCount(part.unmatched),
                formatCount(part.unused),
              )}
            </Text>
          )}
          <Code className={classes.hash}>{part.sha256}</Code>
        </div>
      ))}
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
      <Table.ScrollContainer minWidth={640} mah={320} type="native" tabIndex={0}>
        <Table className="tabular">
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
                <Table.Td ta="right">{formatCount(row.line)}</Table.Td>
                <Table.Td>{row.reason}</Table.Td>
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

const byHand = z.record(z.string(), z.string());
const untouched: Corrections = {};

function Columns({ dataset, page }: { dataset: Dataset; page: ColumnsPage }) {
  const client = useQueryClient();
  const {
    value: corrections,
    set,
    forget,
  } = useDraft<Corrections>(`columns ${dataset.id}`, byHand, untouched);
  const count = Object.keys(corrections).length;
  const apply = useMutation({
    mutationFn: () => setColumns(dataset.id, mappingOf(page.columns, corrections)),
    onSuccess: async (next) => {
      client.setQueryData(datasetQuery(dataset.id).queryKey, next);
      await client.invalidateQueries({ queryKey: columnsQuery(dataset.id).queryKey });
      void client.invalidateQueries({ queryKey: ["datasets"], exact: true });
      void client.invalidateQueries({ queryKey: ["agents"] });
      void client.invalidateQueries({ queryKey: shapesQuery.queryKey });
      forget();
      notifications.show({ message: t.datasets.applied });
    },
  });

  const holder = new Map<string, string>();
  for (const column of page.columns) {
    const meaning = meaningOf(column, corrections);
    if (meaning !== "") holder.set(meaning, column.source);
  }
  const optionsFor = (column: Column) => [
    { value: "", label: t.datasets.unused },
    ...page.canonical.map(({ name, title }) => {
      const by = holder.get(name);
      return {
        value: name,
        label: by && by !== column.source ? `${title} (${t.datasets.taken(by)})` : title,
      };
    }),
  ];

  return (
    <Section title={t.datasets.columns} hint={dataset.in_use ? t.datasets.frozen : t.datasets.columnsHint}>
      <Remembered dataset={dataset} page={page} />
      <Table.ScrollContainer minWidth={860} type="native" tabIndex={0}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.datasets.source}</Table.Th>
              <Table.Th w={270}>{t.datasets.meaning}</Table.Th>
              <Table.Th>{t.datasets.confidence}</Table.Th>
              <Table.Th>{t.datasets.samples}</Table.Th>
              <Table.Th ta="right">{t.datasets.missing}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {page.columns.map((column) => (
              <Table.Tr key={column.source}>
                <Table.Th scope="row">
                  <Code className={classes.source}>{column.source}</Code>
                </Table.Th>
                <Table.Td>
                  {column.label ? (
                    <Tooltip label={t.datasets.labelHint}>
                      <Text size="sm" fw={550} w="fit-content" className={classes.label}>
                        <ShieldOff size={14} aria-hidden /> {t.datasets.label}
                      </Text>
                    </Tooltip>
                  ) : (
                    <Select
                      aria-label={`${t.datasets.meaning}: ${column.source}`}
                      data={optionsFor(column)}
                      value={meaningOf(column, corrections)}
                      onChange={(meaning) =>
                        set((now) => correct(page.columns, now, column.source, meaning ?? ""))
                      }
                      searchable
                      disabled={dataset.in_use}
                      size="xs"
                    />
                  )}
                </Table.Td>
                <Table.Td>
                  <Confidence
                    column={column}
                    corrected={corrections[column.source] !== undefined}
                    earlier={dataset.remembered}
                  />
                </Table.Td>
                <Table.Td>
                  <Text size="xs" c="dimmed" lineClamp={1} className={classes.samples}>
                    {column.samples.slice(0, 4).join(" · ")}
                  </Text>
                </Table.Td>
                <Table.Td ta="right" className="tabular">
                  <Missing column={column} rows={dataset.rows} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {apply.error && (
        <Alert color="red" role="alert" mt="md" title={t.datasets.applyFailed}>
          {apply.error.message}
          {apply.error instanceof ApiError &&
            apply.error.faults.map((fault) => <div key={fault.pointer + fault.code}>{fault.detail}</div>)}
        </Alert>
      )}
      {count > 0 && (
        <Group justify="flex-end" mt="md" gap="xs" className={classes.actions}>
          <Text size="sm" c="dimmed">
            {t.datasets.changed(count)}
          </Text>
          <Button variant="default" size="xs" onClick={forget}>
            {t.datasets.discard}
          </Button>
          <Button size="xs" loading={apply.isPending} onClick={() => apply.mutate()}>
            {t.datasets.apply}
          </Button>
        </Group>
      )}
    </Section>
  );
}

/** Which meanings come from the user's own word on an earlier file, and how to take it back. */
function Remembered({ dataset, page }: { dataset: Dataset; page: ColumnsPage }) {
  const earlier = dataset.remembered;
  const client = useQueryClient();
  const shapes = useQuery({ ...shapesQuery, enabled: Boolean(earlier) });
  const forget = useMutation({
    mutationFn: forgetMapping,
    onSuccess: () => notifications.show({ message: texts.forgotten }),
    onSettled: () => client.invalidateQueries({ queryKey: shapesQuery.queryKey }),
  });
  if (!earlier) return null;
  const none = page.canonical.filter(({ name }) => earlier.columns[name] === "").map(({ title }) => title);
  return (
    <Alert color="blue" mb="md" title={texts.remembered(earlier.filename)}>
      {none.length > 0 && <Text size="sm">{texts.rememberedNone(none.join(", "))}</Text>}
      <Group justify="space-between" gap="xs">
        <Text size="sm">{texts.rememberedHint}</Text>
        {shapes.data?.includes(earlier.shape) && (
          <Button
            size="xs"
            variant="default"
            loading={forget.isPending}
            onClick={() => forget.mutate(earlier.shape)}
          >
            {texts.forget}
          </Button>
        )}
      </Group>
      {forget.error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {texts.forgetFailed}: {forget.error.message}
        </Text>
      )}
    </Alert>
  );
}

function Confidence({
  column,
  corrected,
  earlier,
}: {
  column: Column;
  corrected: boolean;
  earlier: Dataset["remembered"];
}) {
  if (corrected) {
    return <Tag tone="active">{t.datasets.byHand}</Tag>;
  }
  if (column.label || column.canonical === "") return null;
  if (earlier?.columns[column.canonical] === column.source) {
    return <Tag tone="active">{texts.rememberedOf(earlier.filename)}</Tag>;
  }
  const [tone, word] =
    column.confidence >= 0.9
      ? (["clear", t.datasets.sure] as const)
      : column.confidence >= 0.7
        ? (["none", t.datasets.likely] as const)
        : (["medium", t.datasets.unsure] as const);
  return (
    <Tag tone={tone}>
      {word} · {Math.round(column.confidence * 100)} %
    </Tag>
  );
}

function Missing({ column, rows }: { column: Column; rows: number }) {
  const share = rows > 0 ? (column.nulls / rows) * 100 : 0;
  return (
    <>
      <Text size="xs" c="dimmed">
        {column.nulls === 0 ? "–" : t.datasets.nulls(share < 1 ? "< 1 %" : `${Math.round(share)} %`)}
      </Text>
      {column.unreadable > 0 && (
        <Text size="xs" c="var(--mantine-color-error)">
          {t.datasets.unreadable(formatCount(column.unreadable))}
        </Text>
      )}
    </>
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
