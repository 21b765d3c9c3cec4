import { Alert, Button, Skeleton, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type AuditPage, getTrail } from "../../api/audit";
import type { Investigation } from "../../api/investigation";
import { ApiError } from "../../api/problem";
import { LoadFailed } from "../../ui/Broken";
import { Section } from "../../ui/Section";
import { Segmented } from "../../ui/Segmented";
import { Entries } from "./Entries";
import { t } from "./texts";

const shownAtOnce = 100;

/** The audit trail of an investigation, newest first. What grew is asked for, never the whole again. */
export function Trail({ state }: { state: Investigation }) {
  const id = state.investigation_id;
  const [people, setPeople] = useState(true);
  const [shown, setShown] = useState(shownAtOnce);
  const trail = useInfiniteQuery({
    queryKey: ["audit", id],
    queryFn: ({ pageParam, signal }) => getTrail(id, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (page: AuditPage, _, cursor) => Math.max(page.next_cursor, cursor),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const { fetchNextPage, isFetching, error } = trail;
  const pages = trail.data?.pages;
  const through = pages?.flatMap((page) => page.items).at(-1)?.version_after ?? 0;
  const behind = pages !== undefined && (pages.at(-1)?.has_more === true || through < state.version);
  useEffect(() => {
    if (!behind || isFetching || error) return;
    const timer = setTimeout(() => void fetchNextPage(), pages.at(-1)?.has_more ? 0 : 1000);
    return () => clearTimeout(timer);
  }, [behind, isFetching, error, fetchNextPage, pages]);

  if (error instanceof ApiError && error.code === "feature_disabled") {
    return <Alert color="gray">{t.audit.off}</Alert>;
  }
  if (error instanceof ApiError && error.status === 403) {
    return <Alert color="gray">{t.audit.forbidden}</Alert>;
  }
  const entries = (pages ?? [])
    .flatMap((page) => page.items)
    .filter((entry) => !people || entry.actor.kind === "user")
    .reverse();
  return (
    <Section title={t.audit.title} hint={t.audit.hint}>
      <Segmented
        size="xs"
        style={{ marginBottom: "var(--mantine-spacing-sm)" }}
        value={people ? "people" : "all"}
        onChange={(choice) => setPeople(choice === "people")}
        options={[
          { value: "people", label: t.audit.people },
          { value: "all", label: t.audit.all },
        ]}
      />
      {error && <LoadFailed error={error} onRetry={() => void trail.refetch()} />}
      {trail.isPending && <Skeleton h={160} />}
      {pages && entries.length === 0 && <Text c="dimmed">{t.audit.none}</Text>}
      <Entries entries={entries.slice(0, shown)} />
      {entries.length > shown && (
        <Button size="xs" variant="default" mt="sm" onClick={() => setShown(shown + shownAtOnce)}>
          {t.audit.more}
        </Button>
      )}
    </Section>
  );
}
