import {
  Alert,
  Button,
  Group,
  Modal,
  Select,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import * as z from "zod";
import type { Dataset } from "../../api/dataset";
import { type Joining, joinDatasets, type Match } from "../../api/join";
import { ApiError } from "../../api/problem";
import { datasetQuery, datasetsQuery, matchQuery } from "../../sync/dataset";
import { useDraft } from "../../sync/useDraft";
import { formatCount } from "../../ui/number";
import { t as texts } from "./texts";
import { UploadField } from "./UploadField";

/** What was chosen so far; null is not chosen, and no name the one that is proposed. */
const choice = z.object({
  other: z.string().nullable(),
  on: z.string().nullable(),
  with: z.string().nullable(),
  name: z.string().nullable(),
});

type Props = { dataset: Dataset; opened: boolean; onClose: () => void; onJoined: (made: Dataset) => void };

/** Joins a second file to one of events by a key, after showing how their rows meet. */
export function JoinDialog({ dataset, opened, onClose, onJoined }: Props) {
  const t = texts.join;
  const client = useQueryClient();
  const sets = useQuery({ ...datasetsQuery, enabled: opened });
  const draft = useDraft(`join ${dataset.id}`, choice, { other: null, on: null, with: null, name: null });
  const { on, with: key, name } = draft.value;
  const second = useQuery({
    ...datasetQuery(draft.value.other ?? ""),
    enabled: opened && draft.value.other !== null,
  });
  const other = draft.value.other === null ? null : (second.data ?? null);
  const joining: Joining | null = other && on && key ? { other: other.id, on, with: key } : null;
  const match = useQuery({
    ...matchQuery(dataset.id, joining ?? { other: "", on: "", with: "" }),
    enabled: opened && joining !== null,
  });
  const called = name ?? (other ? `${dataset.name} with ${other.name}` : "");
  const join = useMutation({
    mutationFn: (chosen: Joining) => joinDatasets(dataset.id, { ...chosen, name: called }),
    onSuccess: (made) => {
      client.setQueryData(["datasets", made.id], made);
      void client.invalidateQueries({ queryKey: ["datasets"], exact: true });
      notifications.show({ message: t.joined });
      draft.forget();
      onClose();
      onJoined(made);
    },
  });

  function choose(chosen: Dataset | null) {
    const pair = chosen && commonKey(dataset, chosen);
    draft.set((now) => ({
      ...now,
      other: chosen?.id ?? null,
      on: pair?.on ?? now.on,
      with: pair?.with ?? null,
    }));
    join.reset();
  }

  const sources = (of: Dataset) => of.columns.filter((c) => !c.label).map((c) => c.source);
  const meets = joining && match.data;
  return (
    <Modal opened={opened} onClose={onClose} title={t.title(dataset.name)} size="xl" centered>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t.hint}
        </Text>
        <Select
          label={t.other}
          placeholder={t.choose}
          searchable
          data={(sets.data ?? [])
            .filter((set) => set.id !== dataset.id)
            .map((set) => ({ value: set.id, label: `${set.name} · ${formatCount(set.rows)} ${t.rowsOf}` }))}
          value={other?.id ?? null}
          onChange={(id) => choose(sets.data?.find((set) => set.id === id) ?? null)}
        />
        {!other && <UploadField onUploaded={choose} />}
        {other && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label={t.keyOf(dataset.name)}
              searchable
              data={sources(dataset)}
              value={on}
              onChange={(on) => draft.set((now) => ({ ...now, on }))}
            />
            <Select
              label={t.keyOf(other.name)}
              searchable
              data={sources(other)}
              value={key}
              onChange={(key) => draft.set((now) => ({ ...now, with: key }))}
            />
          </SimpleGrid>
        )}
        {match.error && joining && (
          <Alert color="red" role="alert" title={t.notLooked}>
            {match.error.message}
          </Alert>
        )}
        {joining && match.isFetching && !match.data && (
          <Text size="sm" role="status">
            {t.looking}
          </Text>
        )}
        {meets && <Meeting match={meets} />}
        {meets && (
          <TextInput
            label={t.name}
            value={called}
            maxLength={200}
            onChange={(event) => {
              const name = event.currentTarget.value;
              draft.set((now) => ({ ...now, name }));
            }}
          />
        )}
        {join.error && (
          <Alert color="red" role="alert" title={t.failed}>
            {join.error.message}
            {join.error instanceof ApiError &&
              join.error.faults.map((fault) => <div key={fault.pointer + fault.code}>{fault.detail}</div>)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button
            disabled={!meets || meets.repeated > 0 || meets.matched === 0}
            loading={join.isPending}
            onClick={() => joining && join.mutate(joining)}
          >
            {meets && meets.rows > meets.matched
              ? t.joinPartly(formatCount(meets.rows - meets.matched))
              : t.join}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** How the rows of both files meet: every row of both is in one of the lines. */
function Meeting({ match }: { match: Match }) {
  const t = texts.join;
  const lines = [
    { what: t.matched, rows: match.matched, keys: [] },
    { what: t.unmatched, rows: match.unmatched, keys: match.unmatched_keys },
    { what: t.noKey, rows: match.no_key, keys: [] },
    { what: t.unused, rows: match.unused, keys: match.unused_keys },
    { what: t.otherNoKey, rows: match.other_no_key, keys: [] },
    { what: t.repeated, rows: match.repeated, keys: match.repeated_keys },
  ].filter((line, i) => i === 0 || line.rows > 0);
  const share = match.rows > 0 ? Math.floor((match.matched / match.rows) * 1000) / 10 : 0;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={550} role="status">
        {t.share(`${share}\u00a0%`)}
      </Text>
      <Table className="tabular" verticalSpacing={5}>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.what}>
              <Table.Td>
                {line.what}
                {line.keys.length > 0 && (
                  <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {line.keys.join(" · ")}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">{formatCount(line.rows)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {match.repeated > 0 && (
        <Alert color="red" role="alert">
          {t.notUnique}
        </Alert>
      )}
      {match.repeated === 0 && match.matched === 0 && (
        <Alert color="red" role="alert">
          {t.nothing}
        </Alert>
      )}
    </Stack>
  );
}

/** The columns by which two files most likely meet: of one name, else of one meaning. */
export function commonKey(events: Dataset, other: Dataset): { on: string; with: string } | null {
  const keys = events.columns.filter(
    (c) => !c.label && (/id$|^id|key|no$|nr$/i.test(c.source) || c.canonical.endsWith("_id")),
  );
  for (const column of keys) {
    const twin = other.columns.find(
      (c) => !c.label && c.source.toLowerCase() === column.source.toLowerCase(),
    );
    if (twin) return { on: column.source, with: twin.source };
  }
  for (const column of keys) {
    const twin = other.columns.find((c) => c.canonical !== "" && c.canonical === column.canonical);
    if (twin) return { on: column.source, with: twin.source };
  }
  return null;
}
