import { Button, Code, Group, Select, Skeleton, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { getWholeTrail } from "../../api/audit";
import { ApiError } from "../../api/problem";
import { useNames, usersQuery } from "../../sync/colleague";
import { LoadFailed } from "../../ui/Broken";
import { NotForRole } from "../../ui/NotForRole";
import { PageHeader } from "../../ui/PageHeader";
import { Section } from "../../ui/Section";
import { Entries } from "./Entries";
import { t } from "./texts";

/** The trail of everything, for auditors and admins. The filters are in the address. */
export function AuditPage() {
  const [search, setSearch] = useSearchParams();
  const users = useQuery(usersQuery).data;
  const nameOf = useNames();
  const query = new URLSearchParams();
  for (const name of ["actor", "action"]) {
    const value = search.get(name);
    if (value) query.set(name, value);
  }
  for (const name of ["from", "to"]) {
    const day = search.get(name);
    if (day && !Number.isNaN(Date.parse(day))) query.set(name, new Date(day).toISOString());
  }
  const trail = useInfiniteQuery({
    queryKey: ["audit", "all", query.toString()],
    queryFn: ({ pageParam, signal }) => getWholeTrail(query, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.has_more ? page.next_cursor : undefined),
    retry: false,
  });
  if (trail.error instanceof ApiError && trail.error.status === 403) {
    return <NotForRole title={t.audit.wholeForbidden} hint={t.audit.wholeForbiddenHint} />;
  }
  const entries = trail.data?.pages.flatMap((page) => page.items) ?? [];
  const named = search.get("actor");
  const actors = new Map([
    ...(named ? [[named, nameOf(named)] as const] : []),
    ...(users ?? []).map(({ id, name }) => [id, name] as const),
    ...entries.flatMap(({ actor }) => (actor.kind === "user" ? [[actor.id, nameOf(actor.id)] as const] : [])),
  ]);
  const narrow = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  const field = (name: string, label: string, type = "text") => (
    <TextInput
      label={label}
      type={type}
      value={search.get(name) ?? ""}
      onChange={(event) => narrow(name, event.currentTarget.value)}
    />
  );
  return (
    <>
      <PageHeader title={t.audit.whole} lead={t.audit.wholeHint} />
      <Section title={t.audit.title}>
        <Group gap="sm" mb="md">
          <Select
            label={t.audit.actor}
            placeholder={t.audit.anybody}
            data={[...actors].map(([value, label]) => ({ value, label }))}
            value={search.get("actor")}
            onChange={(actor) => narrow("actor", actor ?? "")}
            searchable
            clearable
          />
          {field("action", t.audit.action)}
          {field("from", t.audit.since, "date")}
          {field("to", t.audit.until, "date")}
        </Group>
        {trail.error && <LoadFailed error={trail.error} onRetry={() => void trail.refetch()} />}
        {trail.isPending && <Skeleton h={240} />}
        {trail.data && entries.length === 0 && <Text c="dimmed">{t.audit.none}</Text>}
        <Entries entries={entries} linked />
        {trail.hasNextPage && (
          <Button
            variant="default"
            mt="sm"
            loading={trail.isFetchingNextPage}
            onClick={() => void trail.fetchNextPage()}
          >
            {t.audit.loadMore}
          </Button>
        )}
        <Text size="xs" c="dimmed" mt="lg">
          {t.audit.verify} <Code>{t.audit.verifyCommand}</Code>
        </Text>
      </Section>
    </>
  );
}
