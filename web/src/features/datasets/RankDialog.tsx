import {
  Alert,
  Button,
  Checkbox,
  Group,
  Modal,
  Select,
  Skeleton,
  Stack,
  Table,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ListOrdered } from "lucide-react";
import { useState } from "react";
import type { Dataset } from "../../api/dataset";
import { type Entity, type EntityType, entityTypes } from "../../api/entity";
import type { Ranking } from "../../api/ranking";
import { t as all } from "../../app/texts";
import { shownCard } from "../../sync/card";
import { rankingQuery } from "../../sync/dataset";
import { LoadFailed } from "../../ui/Broken";
import { formatCount } from "../../ui/number";
import { RiskTag } from "../../ui/Tone";
import { useNow } from "../../ui/useNow";
import { useTitles } from "../../ui/useTitles";
import classes from "./RankDialog.module.css";
import { t as texts } from "./texts";

const t = texts.ranking;

type Props = {
  dataset: Dataset;
  opened: boolean;
  onClose: () => void;
  /** What is done with those that were chosen: words for the button, and how many there is room for. */
  take: string;
  room: number;
  onTake: (entities: Entity[]) => void;
};

/** The kinds of entities that a file has a column for; an account may be called either way. */
export function rankable({ columns }: Pick<Dataset, "columns">): EntityType[] {
  const has = (name: string) => columns.some((column) => column.canonical === name && !column.label);
  return entityTypes.filter((type) => has(type));
}

/** Tells whom of a file to look at, for an analyst who does not know it: the entities by risk, to be chosen from. */
export function RankDialog({ dataset, opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={t.title(dataset.name)} size="60rem" centered>
      <Chooser dataset={dataset} {...rest} />
    </Modal>
  );
}

function Chooser({ dataset, take, room, onTake }: Omit<Props, "opened" | "onClose">) {
  const types = rankable(dataset);
  const [by, setBy] = useState<EntityType | undefined>(types[0]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ranking = useQuery(rankingQuery(dataset, by));

  if (!by) return <Alert color="yellow">{t.noColumn}</Alert>;
  const full = chosen.size >= room;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t.hint}
      </Text>
      <Select
        label={t.by}
        w={240}
        data={types.map((value) => ({ value, label: all.entityType[value] }))}
        value={by}
        allowDeselect={false}
        onChange={(next) => {
          setBy(types.find((type) => type === next));
          setChosen(new Set());
        }}
      />
      {ranking.error ? (
        <LoadFailed error={ranking.error} onRetry={() => ranking.refetch()} />
      ) : ranking.data && !ranking.isFetching ? (
        <>
          <Ranked
            ranking={ranking.data}
            chosen={chosen}
            full={full}
            onToggle={(entity) =>
              setChosen((now) => {
                const next = new Set(now);
                if (!next.delete(entity)) next.add(entity);
                return next;
              })
            }
          />
          <Unassessed ranking={ranking.data} />
        </>
      ) : (
        <Asking rows={dataset.rows} />
      )}
      <Group justify="flex-end" gap="sm" className={classes.foot}>
        <Text size="sm" c="dimmed" className="tabular">
          {full ? t.full(room) : t.chosen(chosen.size)}
        </Text>
        <Button
          disabled={chosen.size === 0}
          onClick={() => onTake([...chosen].map((value) => ({ type: by, value })))}
        >
          {take}
        </Button>
      </Group>
    </Stack>
  );
}

/** How long it is being asked already; nobody knows how long it takes. */
function Asking({ rows }: { rows: number }) {
  const [since] = useState(Date.now);
  const now = useNow(1000);
  return (
    <div role="status">
      <Text size="sm" mb="sm" className="tabular">
        {t.asking(formatCount(rows))}{" "}
        <span aria-hidden>{t.since(Math.max(0, Math.floor((now - since) / 1000)))}</span>
      </Text>
      <Skeleton h={180} />
    </div>
  );
}

type RankedProps = {
  ranking: Ranking;
  chosen: ReadonlySet<string>;
  full: boolean;
  onToggle: (entity: string) => void;
};

function Ranked({ ranking, chosen, full, onToggle }: RankedProps) {
  const items = ranking.items.filter((item) => item.checks.length > 0);
  if (items.length === 0) {
    return (
      <Alert color="gray" icon={<ListOrdered size={18} aria-hidden />} title={t.nothing}>
        {t.nothingDetail(formatCount(ranking.total))}
      </Alert>
    );
  }
  return (
    <Table.ScrollContainer minWidth={0} mah="50vh" type="native" tabIndex={0}>
      <Table stickyHeader verticalSpacing="xs" className={classes.table}>
        <Table.Caption>{t.shown(formatCount(items.length), formatCount(ranking.total))}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={36}>
              <VisuallyHidden>{t.choose}</VisuallyHidden>
            </Table.Th>
            <Table.Th>{all.entityType[ranking.by]}</Table.Th>
            <Table.Th>{t.score}</Table.Th>
            <Table.Th>{t.why}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ entity, risk_score, checks }) => (
            <Table.Tr key={entity} className={classes.row}>
              <Table.Td>
                <Checkbox
                  aria-label={t.pick(shownCard(entity))}
                  checked={chosen.has(entity)}
                  disabled={full && !chosen.has(entity)}
                  onChange={() => onToggle(entity)}
                />
              </Table.Td>
              <Table.Td className={classes.entity}>{shownCard(entity)}</Table.Td>
              <Table.Td>
                <RiskTag score={risk_score} level={null} />
              </Table.Td>
              <Table.Td className={classes.why}>
                {checks[0]?.sentence}
                {checks.length > 1 && <Text size="xs">{t.more(checks.length - 1)}</Text>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Unassessed({ ranking }: { ranking: Ranking }) {
  const titles = useTitles();
  if (ranking.not_assessed.length === 0) return null;
  return (
    <details>
      <summary>
        <Text span size="sm">
          {t.notAssessed(ranking.not_assessed.length)}
        </Text>
      </summary>
      <ul className={classes.gaps}>
        {ranking.not_assessed.map(({ tool, reason }) => (
          <li key={tool}>
            <b>{titles.tool(tool)}</b>: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
