import { Alert, Button, Code, Group, Table, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldOff } from "lucide-react";
import * as z from "zod";
import { type Column, type ColumnsPage, type Dataset, forgetMapping, setColumns } from "../../api/dataset";
import { ApiError } from "../../api/problem";
import { t } from "../../app/texts";
import { columnsQuery, datasetQuery, shapesQuery } from "../../sync/dataset";
import { useDraft } from "../../sync/useDraft";
import cards from "../../ui/cards.module.css";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { Select } from "../../ui/Select";
import { Tag } from "../../ui/Tone";
import classes from "./DatasetPage.module.css";
import { type Corrections, correct, mappingOf, meaningOf } from "./mapping";
import { t as texts } from "./texts";

const byHand = z.record(z.string(), z.string());
const untouched: Corrections = {};

/** What each column was taken for, to be corrected by hand. */
export function Columns({ dataset, page }: { dataset: Dataset; page: ColumnsPage }) {
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
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
        <Table verticalSpacing={6} className={cards.cards}>
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
                <Table.Td className={cards.whole} data-label={t.datasets.meaning}>
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
                <Table.Td data-label={t.datasets.confidence}>
                  <Confidence
                    column={column}
                    corrected={corrections[column.source] !== undefined}
                    earlier={dataset.remembered}
                  />
                </Table.Td>
                <Table.Td className={cards.whole} data-label={t.datasets.samples}>
                  <Text size="xs" c="dimmed" lineClamp={1} className={classes.samples}>
                    {column.samples.slice(0, 4).join(" · ")}
                  </Text>
                </Table.Td>
                <Table.Td className={`tabular ${cards.number}`} data-label={t.datasets.missing}>
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
