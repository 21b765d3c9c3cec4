import { Alert, Button, Group, Pagination, Paper, Text } from "@mantine/core";
import { Archive, ArchiveRestore, Download, FolderSearch, Plus, SearchX } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { type HistoryItem, type HistoryPage as Page, whose } from "../../api/history";
import { useWrites } from "../../sync/rights";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { formatCount } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { Segmented } from "../../ui/Segmented";
import { Dot } from "../../ui/Tone";
import { formatClock } from "../../ui/time";
import { useKeptFocus } from "../../ui/useKeptFocus";
import { FilterBar } from "./FilterBar";
import { type Filters, isNarrow, noFilters, pageSize, readFilters, toQuery, writeFilters } from "./filters";
import { HistorySkeleton } from "./HistorySkeleton";
import { HistoryTable } from "./HistoryTable";
import classes from "./history.module.css";
import { t } from "./texts";
import { useHistory } from "./useHistory";
import { useRowActs } from "./useRowActs";

type Selection = ReadonlyMap<string, HistoryItem>;
const none: Selection = new Map();

/** Every investigation of the person, to find one, to see how those that run are doing, and to go on. */
export function HistoryPage() {
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const list = useHistory(filters);
  const acts = useRowActs();
  const reads = !useWrites();
  const [selected, setSelected] = useState<Selection>(none);
  const kept = useKeptFocus<HTMLDivElement>();

  const change = (part: Partial<Filters>) =>
    setSearch(writeFilters({ ...filters, page: 1, ...part }), { replace: "text" in part });

  const page = list.data;
  const query = toQuery(filters);
  const known = page?.items ?? [];
  const chosen = [...selected.values()];
  const elsewhere = chosen.length - known.filter((item) => selected.has(item.investigation_id)).length;
  const pages = page?.total_pages ?? 1;
  const beyond = page !== undefined && !list.isPlaceholderData && page.total > 0 && filters.page > pages;

  // biome-ignore lint/correctness/useExhaustiveDependencies: steps back when the last page has gone
  useEffect(() => {
    if (beyond) setSearch(writeFilters({ ...filters, page: pages }), { replace: true });
  }, [beyond, pages]);

  const asked = writeFilters({ ...filters, page: 1 }).toString();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a selection belongs to what was asked for, on all its pages
  useEffect(() => setSelected(none), [asked]);

  const nothingAtAll = page?.total === 0 && !isNarrow(filters) && !filters.archived;
  return (
    <div className={classes.page}>
      <PageHeader
        title={filters.archived ? t.archivedTitle : t.title}
        lead={
          filters.archived
            ? t.archivedLead
            : t.whose.lead[filters.whose === "mine" && reads ? "all" : filters.whose]
        }
        actions={
          reads ? undefined : (
            <Button component={Link} to="/investigations/new" leftSection={<Plus size={16} aria-hidden />}>
              {t.create}
            </Button>
          )
        }
      />
      {!reads && (
        <Segmented
          style={{ marginBottom: "var(--mantine-spacing-sm)" }}
          aria-label={t.whose.label}
          value={filters.whose}
          onChange={(value) => change({ whose: value })}
          options={whose.map((value) => ({ value, label: t.whose[value] }))}
        />
      )}
      {!nothingAtAll && <FilterBar filters={filters} onChange={change} />}
      {!list.current && page && (
        <Alert color="yellow" role="status" mb="sm" py="xs">
          {t.stale(formatClock(new Date(list.dataUpdatedAt)))}
        </Alert>
      )}
      <Paper
        {...kept}
        bg="var(--paper)"
        p={0}
        className={classes.sheet}
        aria-busy={list.isPlaceholderData || undefined}
      >
        {chosen.length > 0 && (
          <Group className={classes.selection} gap="sm">
            <Text size="sm" fw={600} role="status">
              {t.selected(chosen.length, elsewhere)}
            </Text>
            {filters.whose === "mine" && !reads && (
              <Button
                size="xs"
                variant="default"
                leftSection={
                  filters.archived ? (
                    <ArchiveRestore size={14} aria-hidden />
                  ) : (
                    <Archive size={14} aria-hidden />
                  )
                }
                loading={acts.busy}
                onClick={() => {
                  acts.row.archive(chosen, !filters.archived);
                  setSelected(none);
                }}
              >
                {filters.archived ? t.unarchiveMany(chosen.length) : t.archiveMany(chosen.length)}
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              leftSection={<Download size={14} aria-hidden />}
              loading={acts.exporting}
              onClick={() =>
                acts.exportList(
                  query,
                  chosen.length,
                  chosen.map((item) => item.investigation_id),
                )
              }
            >
              {t.exportMany(chosen.length)}
            </Button>
            <Button size="xs" variant="subtle" onClick={() => setSelected(none)}>
              {t.clearSelection}
            </Button>
          </Group>
        )}
        {page === undefined ? (
          list.error ? (
            <div className={classes.pad}>
              <LoadFailed error={list.error} onRetry={() => list.refetch()} />
            </div>
          ) : (
            <HistorySkeleton />
          )
        ) : known.length === 0 ? (
          <Nothing
            filters={filters}
            onReset={() => change({ ...noFilters, whose: filters.whose, archived: filters.archived })}
            onLeave={() => change(noFilters)}
            onArchive={() => change({ ...noFilters, archived: true })}
          />
        ) : (
          <HistoryTable
            items={known}
            archived={filters.archived}
            sort={filters.sort}
            onSort={(sort) => change({ sort })}
            selected={selected}
            onSelect={setSelected}
            acts={acts.row}
          />
        )}
      </Paper>
      {page && known.length > 0 && (
        <Foot
          page={page}
          live={list.current}
          onPage={(to) => {
            change({ page: to });
            window.scrollTo(0, 0);
          }}
        >
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<Download size={14} aria-hidden />}
            loading={acts.exporting && chosen.length === 0}
            onClick={() => acts.exportList(query, page.total)}
          >
            {t.exportAll}
          </Button>
        </Foot>
      )}
    </div>
  );
}

type FootProps = { page: Page; live: boolean; onPage: (page: number) => void; children: ReactNode };

function Foot({ page, live, onPage, children }: FootProps) {
  const first = (page.page - 1) * pageSize + 1;
  return (
    <Group justify="space-between" mt="md" gap="sm">
      <Group gap="md">
        <Text size="sm" c="dimmed" className="tabular" role="status">
          {t.page(formatCount(first), formatCount(first + page.items.length - 1), formatCount(page.total))}
        </Text>
        {live && (
          <Text size="xs" c="dimmed" className={classes.live} title={t.liveHint}>
            <Dot tone="clear" /> {t.live}
          </Text>
        )}
        {children}
      </Group>
      {page.total_pages > 1 && (
        <Pagination
          total={page.total_pages}
          value={page.page}
          onChange={onPage}
          size="sm"
          aria-label={t.pages}
          getControlProps={(control) => ({ "aria-label": t.control[control] })}
          getItemProps={(to) => ({ "aria-label": t.toPage(to) })}
        />
      )}
    </Group>
  );
}

type NothingProps = { filters: Filters; onReset: () => void; onLeave: () => void; onArchive: () => void };

/** Why the list is empty, and what to do. */
function Nothing({ filters, onReset, onLeave, onArchive }: NothingProps) {
  if (isNarrow(filters)) {
    return (
      <EmptyState
        icon={<SearchX size={32} aria-hidden />}
        title={t.noMatch.title}
        hint={filters.archived ? t.noMatch.archivedHint : t.noMatch.hint}
        action={
          <Button variant="default" onClick={onReset}>
            {t.reset}
          </Button>
        }
      />
    );
  }
  if (filters.archived) {
    return (
      <EmptyState
        icon={<Archive size={32} aria-hidden />}
        title={t.noArchived.title}
        hint={t.noArchived.hint}
        action={
          <Button variant="default" onClick={onLeave}>
            {t.noArchived.action}
          </Button>
        }
      />
    );
  }
  if (filters.whose !== "mine") {
    return <EmptyState icon={<FolderSearch size={36} aria-hidden />} {...t.whose.none[filters.whose]} />;
  }
  return (
    <EmptyState
      icon={<FolderSearch size={36} aria-hidden />}
      title={t.empty.title}
      hint={t.empty.hint}
      action={
        <Group gap="xs" justify="center">
          <Button component={Link} to="/investigations/new" leftSection={<Plus size={16} aria-hidden />}>
            {t.empty.action}
          </Button>
          <Button component={Link} to="/datasets" variant="default">
            {t.empty.data}
          </Button>
          <Button variant="subtle" onClick={onArchive}>
            {t.empty.archive}
          </Button>
        </Group>
      }
    />
  );
}
