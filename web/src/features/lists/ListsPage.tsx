import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Modal,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ListPlus, ListX, Search, Trash2 } from "lucide-react";
import { useState } from "react";
import { deleteList, getListHits, getLists, type KnownList } from "../../api/list";
import { useMe } from "../../sync/session";
import { LoadFailed } from "../../ui/Broken";
import cards from "../../ui/cards.module.css";
import { EmptyState } from "../../ui/EmptyState";
import { formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { Tag } from "../../ui/Tone";
import { formatDay, Instant } from "../../ui/time";
import { ImportDialog } from "./ImportDialog";
import { t } from "./texts";

/** The lists of known entities: where they come from, how old they are, and whether something is on one. */
export function ListsPage() {
  const lists = useQuery({ queryKey: ["lists"], queryFn: ({ signal }) => getLists(signal) });
  const role = useMe().data?.role;
  const may = role === "lead" || role === "admin";
  const [importing, setImporting] = useState(false);
  const [removing, setRemoving] = useState<KnownList | null>(null);
  return (
    <Stack gap="md" maw={1280} mx="auto">
      <PageHeader
        title={t.title}
        lead={may ? t.lead : `${t.lead} ${t.mayNot}`}
        actions={
          may && (
            <Button leftSection={<ListPlus size={15} aria-hidden />} onClick={() => setImporting(true)}>
              {t.import}
            </Button>
          )
        }
      />
      {lists.error ? (
        <LoadFailed error={lists.error} onRetry={() => lists.refetch()} />
      ) : !lists.data ? (
        <Skeleton h={240} />
      ) : lists.data.length === 0 ? (
        <Paper>
          <EmptyState icon={<ListX size={32} aria-hidden />} title={t.none} hint={t.noneHint} />
        </Paper>
      ) : (
        <>
          <Lookup lists={lists.data} />
          <Paper p={0}>
            <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
              <Table className={`tabular ${cards.cards}`} aria-label={t.table}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t.name}</Table.Th>
                    <Table.Th>{t.holds}</Table.Th>
                    <Table.Th ta="right">{t.values}</Table.Th>
                    <Table.Th>{t.source}</Table.Th>
                    <Table.Th>{t.age}</Table.Th>
                    {may && <Table.Th aria-label={t.remove} />}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {lists.data.map((list) => (
                    <ListRow key={list.id} list={list} onRemove={may ? () => setRemoving(list) : null} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Paper>
        </>
      )}
      {importing && <ImportDialog lists={lists.data ?? []} onClose={() => setImporting(false)} />}
      <RemoveDialog list={removing} onClose={() => setRemoving(null)} />
    </Stack>
  );
}

function ListRow({ list, onRemove }: { list: KnownList; onRemove: (() => void) | null }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8}>
          <Text size="sm" fw={550}>
            {list.name}
          </Text>
          <Tag tone={list.kind === "bad" ? "critical" : list.kind === "good" ? "clear" : "none"}>
            {t.short[list.kind]}
          </Tag>
        </Group>
        <Tooltip label={t.sha(list.sha256)} multiline maw={420} style={{ overflowWrap: "anywhere" }}>
          <Text size="xs" c="dimmed" w="fit-content">
            {list.filename}
          </Text>
        </Tooltip>
      </Table.Td>
      <Table.Td data-label={t.holds}>{t.types[list.entity_type] ?? list.entity_type}</Table.Td>
      <Table.Td className={cards.number} data-label={t.values}>
        {formatCount(list.values)}
        {list.ranges > 0 && (
          <Text size="xs" c="dimmed">
            {t.ranges(formatCount(list.ranges))}
          </Text>
        )}
        {list.rejected > 0 && (
          <Text size="xs" c="dimmed">
            {t.rejected(formatCount(list.rejected))}
          </Text>
        )}
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }} data-label={t.source}>
        {list.source}
        {list.license !== "" && (
          <Text size="xs" c="dimmed">
            {t.license(list.license)}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {t.by(list.imported_by)}, <Instant at={list.imported_at} format={formatDay} />
        </Text>
      </Table.Td>
      <Table.Td data-label={t.age}>
        <Instant at={list.source_date} format={formatDay} />
        {list.stale && (
          <div>
            <Tag tone="medium">{t.stale}</Tag>
          </div>
        )}
      </Table.Td>
      {onRemove && (
        <Table.Td ta="right">
          <Tooltip label={t.remove}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${t.remove}: ${list.name}`}
              onClick={onRemove}
            >
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

/** Tells which lists name a value. */
function Lookup({ lists }: { lists: KnownList[] }) {
  const [text, setText] = useState("");
  const [value] = useDebouncedValue(text.trim(), 300);
  const hits = useQuery({
    queryKey: ["lists", "hits", value],
    queryFn: ({ signal }) => getListHits(value, signal),
    enabled: value !== "",
  });
  const nameOf = (id: string) => lists.find((list) => list.id === id);
  return (
    <Paper p="md">
      <TextInput
        label={t.search}
        description={t.searchHint}
        leftSection={<Search size={15} aria-hidden />}
        value={text}
        maxLength={320}
        maw={520}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div role="status">
        {value !== "" && hits.isFetching && (
          <Text size="sm" mt="sm" c="dimmed">
            {t.searching}
          </Text>
        )}
        {value !== "" && hits.data?.length === 0 && !hits.isFetching && (
          <Text size="sm" mt="sm">
            {t.onNone(value)}
          </Text>
        )}
        {value !== "" &&
          hits.data?.map((hit) => {
            const list = nameOf(hit.list);
            return (
              <Group key={`${hit.list} ${hit.value}`} gap={8} mt="sm">
                {list && (
                  <Tag tone={list.kind === "bad" ? "critical" : list.kind === "good" ? "clear" : "none"}>
                    {t.short[list.kind]}
                  </Tag>
                )}
                <Text size="sm" fw={550}>
                  {list?.name ?? hit.list}
                </Text>
                <Text size="sm" className="tabular">
                  {hit.value}
                </Text>
                {hit.note !== "" && (
                  <Text size="sm" c="dimmed">
                    {hit.note}
                  </Text>
                )}
              </Group>
            );
          })}
      </div>
      {hits.error && (
        <Alert color="red" role="alert" mt="sm" title={t.searchFailed}>
          {hits.error.message}
        </Alert>
      )}
    </Paper>
  );
}

function RemoveDialog({ list, onClose }: { list: KnownList | null; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (target: KnownList) => deleteList(target.id),
    onSuccess: (_, target) => {
      void client.invalidateQueries({ queryKey: ["lists"] });
      notifications.show({ message: t.removed(target.name) });
      onClose();
    },
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <Modal opened={list !== null} onClose={close} title={list && t.removeAsk(list.name)} centered>
      <Text size="sm">{list && t.removeDetail(formatCount(list.values))}</Text>
      {remove.error && (
        <Alert color="red" mt="md" role="alert" title={t.removeFailed}>
          {remove.error.message}
        </Alert>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close} data-autofocus>
          {t.removeNo}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => list && remove.mutate(list)}>
          {t.remove}
        </Button>
      </Group>
    </Modal>
  );
}
