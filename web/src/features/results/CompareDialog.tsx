import { Modal, Skeleton, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { getHistory } from "../../api/history";
import type { Investigation } from "../../api/investigation";
import { RiskTag } from "../../ui/Tone";
import { Instant } from "../../ui/time";
import own from "./compare.module.css";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = { investigation: Investigation; opened: boolean; onClose: () => void };

/** Which other run to compare this one with: the one that it repeats first. */
export function CompareDialog({ investigation, opened, onClose }: Props) {
  const { investigation_id: id, lineage } = investigation;
  const [text, setText] = useState("");
  const [words] = useDebouncedValue(text, 250);
  const { data, error } = useQuery({
    queryKey: ["history", "to compare", words],
    queryFn: ({ signal }) =>
      getHistory(new URLSearchParams({ status: "completed,cancelled", limit: "20", q: words }), signal),
    enabled: opened,
  });
  const others = data?.items.filter((item) => item.investigation_id !== id);
  const to = (from: string) =>
    `/investigations/${encodeURIComponent(from)}/compare/${encodeURIComponent(id)}`;
  return (
    <Modal opened={opened} onClose={onClose} title={t.compare.choose} centered>
      {lineage.rerun_of && (
        <Link to={to(lineage.rerun_of)} className={own.choice}>
          <strong>{t.compare.withOrigin}</strong>
          <span className={classes.sub}>{t.compare.originHint}</span>
        </Link>
      )}
      <TextInput
        size="xs"
        my="sm"
        label={t.compare.find}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      {error && <Text size="sm">{error.message}</Text>}
      {!others && !error && <Skeleton height={120} />}
      {others?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.compare.nobody}
        </Text>
      )}
      <ul className={own.choices}>
        {others?.map((item) => (
          <li key={item.investigation_id}>
            <Link to={to(item.investigation_id)} className={own.choice}>
              <span className={classes.findingMeta}>
                <strong>{item.name}</strong>
                {item.risk_score !== null && <RiskTag score={item.risk_score} level={item.risk_level} />}
              </span>
              {item.finished_at && (
                <span className={classes.sub}>
                  <Text span size="xs">
                    <Instant at={item.finished_at} />
                  </Text>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
