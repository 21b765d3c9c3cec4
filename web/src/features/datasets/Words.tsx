import { Alert, Button, Code, Group, SimpleGrid, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import * as z from "zod";
import { type ColumnsPage, type Dataset, setColumns } from "../../api/dataset";
import { columnsQuery, datasetQuery } from "../../sync/dataset";
import { useDraft } from "../../sync/useDraft";
import { Section } from "../../ui/Section";
import { Select } from "../../ui/Select";
import { Tag } from "../../ui/Tone";
import classes from "./DatasetPage.module.css";
import { mappingOf } from "./mapping";
import { t as texts } from "./texts";

const byHand = z.record(z.string(), z.string());
const untouched: Record<string, string> = {};

type Props = { of: keyof typeof texts.words.meanings; dataset: Dataset; page: ColumnsPage };

/** What each word of the outcome, or each kind of event, was taken for, to be said by hand. */
export function Words({ of, dataset, page }: Props) {
  const t = texts.words;
  const client = useQueryClient();
  const { value: said, set, forget } = useDraft(`words ${of} ${dataset.id}`, byHand, untouched);
  const count = Object.keys(said).length;
  const apply = useMutation({
    mutationFn: () =>
      setColumns(dataset.id, mappingOf(page.columns, {}), {
        ...dataset.words,
        [of]: { ...dataset.words?.[of], ...said },
      }),
    onSuccess: async (next) => {
      client.setQueryData(datasetQuery(dataset.id).queryKey, next);
      await client.invalidateQueries({ queryKey: columnsQuery(dataset.id).queryKey });
      void client.invalidateQueries({ queryKey: ["agents"] });
      forget();
      notifications.show({ message: t.applied });
    },
  });
  const words = page.columns.find(({ canonical }) => canonical === of)?.words ?? [];
  if (words.length === 0) return null;

  return (
    <Section title={t.title[of]} hint={dataset.in_use ? t.frozen : t.hint[of]}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="xs" verticalSpacing={8}>
        {words.map(({ value, meaning, said: earlier }) => (
          <Group key={value} gap="xs" wrap="nowrap">
            <Select
              aria-label={t.meaningOf(value)}
              data={Object.entries(t.meanings[of]).map(([value, label]) => ({ value, label }))}
              value={said[value] ?? meaning}
              onChange={(next) =>
                set(({ [value]: _, ...others }) =>
                  next && next !== meaning ? { ...others, [value]: next } : others,
                )
              }
              allowDeselect={false}
              disabled={dataset.in_use}
              size="xs"
              w={130}
              flex="none"
            />
            <Code className={classes.word}>{value}</Code>
            {meaning === "neither" && !earlier && !said[value] && <Tag tone="medium">{t.unknown}</Tag>}
          </Group>
        ))}
      </SimpleGrid>
      {apply.error && (
        <Alert color="red" role="alert" mt="md" title={t.failed}>
          {apply.error.message}
        </Alert>
      )}
      {count > 0 && (
        <Group justify="flex-end" mt="md" gap="xs" className={classes.actions}>
          <Text size="sm" c="dimmed">
            {t.changed(count)}
          </Text>
          <Button variant="default" size="xs" onClick={forget}>
            {t.discard}
          </Button>
          <Button size="xs" loading={apply.isPending} onClick={() => apply.mutate()}>
            {t.apply}
          </Button>
        </Group>
      )}
    </Section>
  );
}
