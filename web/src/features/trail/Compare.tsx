import { Button, Group, Select, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Investigation } from "../../api/investigation";
import { useReadable } from "../../sync/readable";
import { LoadFailed } from "../../ui/Broken";
import { Section } from "../../ui/Section";
import { changesQuery, checkpointsQuery } from "./queries";
import { t } from "./texts";
import classes from "./trail.module.css";

const now = "now";
const few = 40;

/** What differs between two checkpoints, the beginning, or now. */
export function Compare({ state }: { state: Investigation }) {
  const id = state.investigation_id;
  const checkpoints = useQuery(checkpointsQuery(id)).data ?? [];
  const [from, setFrom] = useState("1");
  const [to, setTo] = useState(now);
  const versionOf = (place: string) => (place === now ? state.version : Number(place));
  const changes = useQuery(changesQuery(id, versionOf(from), versionOf(to)));
  const readable = useReadable();
  const [all, setAll] = useState(false);

  const places = [
    { value: now, label: t.compare.now },
    ...checkpoints.map((c) => ({ value: String(c.seq), label: t.compare.place(c.label, c.seq) })),
    { value: "1", label: t.compare.first },
  ];
  const items = changes.data?.items ?? [];
  return (
    <Section title={t.compare.title} hint={t.compare.hint}>
      <Group gap="sm" mb="sm" grow preventGrowOverflow={false}>
        <Select
          label={t.compare.from}
          data={places}
          value={from}
          onChange={(place) => place && setFrom(place)}
          allowDeselect={false}
        />
        <Select
          label={t.compare.to}
          data={places}
          value={to}
          onChange={(place) => place && setTo(place)}
          allowDeselect={false}
        />
      </Group>
      {changes.error && <LoadFailed error={changes.error} onRetry={() => void changes.refetch()} />}
      {changes.isPending && <Skeleton h={80} />}
      {changes.data && (
        <Text size="sm" c="dimmed" mb="xs" role="status">
          {items.length === 0 ? t.compare.nothing : t.compare.count(items.length)}
        </Text>
      )}
      <ul className={classes.list}>
        {items.slice(0, all ? undefined : few).map((item) => (
          <li key={item.path} className={classes.change}>
            {readable(item.text)}
          </li>
        ))}
      </ul>
      {!all && items.length > few && (
        <Button size="xs" variant="default" mt="sm" onClick={() => setAll(true)}>
          {t.compare.all(items.length)}
        </Button>
      )}
    </Section>
  );
}
