import { Archive, ArchiveRestore, ArrowDown, ArrowUp, CircleX, FolderOpen, RotateCcw } from "lucide-react";
import { type Dispatch, memo, type SetStateAction, Suspense, useCallback, useState } from "react";
import { Link, type NavigateFunction, useNavigate } from "react-router";
import type { HistoryItem } from "../../api/history";
import { t as words } from "../../app/texts";
import { useNames } from "../../sync/colleague";
import { allows } from "../../sync/rights";
import { useMe } from "../../sync/session";
import { InTurn } from "../../ui/InTurn";
import { later } from "../../ui/later";
import { OnDemand } from "../../ui/OnDemand";
import { StatusBadge } from "../../ui/StatusBadge";
import { RiskTag, toneClass } from "../../ui/Tone";
import { formatAgo, formatDay, formatDuration, formatElapsed, Instant } from "../../ui/time";
import { useNow } from "../../ui/useNow";
import { type Sort, type SortField, sortBy } from "./filters";
import classes from "./history.module.css";
import { t } from "./texts";
import type { RowActs } from "./useRowActs";

const CancelDialog = later(async () => (await import("./CancelDialog")).CancelDialog);

type Props = {
  items: readonly HistoryItem[];
  /** It is the archive: how long each is kept says more than when it was last changed. */
  archived: boolean;
  sort: Sort;
  onSort: (sort: Sort) => void;
  /** By their ids; of other pages too. */
  selected: ReadonlyMap<string, HistoryItem>;
  onSelect: Dispatch<SetStateAction<ReadonlyMap<string, HistoryItem>>>;
  acts: RowActs;
};

/** About, of a row that is not drawn yet. */
const rowHeight = 58;

const columns: readonly { field: SortField; right?: boolean }[] = [
  { field: "name" },
  { field: "status" },
  { field: "risk_score" },
  { field: "entity_count", right: true },
  { field: "started_at" },
  { field: "finished_at" },
  { field: "duration_ms", right: true },
  { field: "updated_at" },
];

/** The list as a table; on a narrow screen each row becomes a card. */
export function HistoryTable({ items, archived, sort, onSort, selected, onSelect, acts }: Props) {
  const navigate = useNavigate();
  const [cancelling, setCancelling] = useState<HistoryItem | null>(null);
  const now = useNow(10_000);
  const owned = useMe().data?.id;
  const foreign = items.some((item) => item.user_id !== "" && item.user_id !== owned);
  const nameOf = useNames(t.you, foreign);
  const picked = items.filter((item) => selected.has(item.investigation_id)).length;

  const toggle = useCallback(
    (item: HistoryItem) =>
      onSelect((now) => {
        const next = new Map(now);
        if (!next.delete(item.investigation_id)) next.set(item.investigation_id, item);
        return next;
      }),
    [onSelect],
  );

  return (
    <>
      <table className={classes.table} aria-label={t.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <label className={classes.all} htmlFor="all">
                <Tick
                  id="all"
                  label={t.selectAll}
                  checked={picked === items.length}
                  some={picked > 0 && picked < items.length}
                  onChange={() =>
                    onSelect((now) => {
                      const next = new Map(now);
                      for (const item of items) {
                        if (picked === items.length) next.delete(item.investigation_id);
                        else next.set(item.investigation_id, item);
                      }
                      return next;
                    })
                  }
                />
                <span aria-hidden>{t.selectAll}</span>
              </label>
            </th>
            {(archived ? columns.filter(({ field }) => field !== "updated_at") : columns).map(
              ({ field, right }) => (
                <SortHead
                  key={field}
                  field={field}
                  sort={sort}
                  onSort={() => onSort(sortBy(sort, field))}
                  right={right === true}
                />
              ),
            )}
            {archived && <th scope="col">{t.columns.kept_until}</th>}
            <th scope="col" className={classes.menu}>
              <span className={classes.hidden}>{t.acts.open}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <InTurn first={8} step={4} rest={(left) => <tr style={{ height: left * rowHeight }} />}>
            {items.map((item) => (
              <Row
                key={item.investigation_id}
                item={item}
                archived={archived}
                owner={foreign ? nameOf(item.user_id) : ""}
                mine={item.user_id === "" || item.user_id === owned}
                now={now}
                selected={selected.has(item.investigation_id)}
                onToggle={toggle}
                onCancel={setCancelling}
                acts={acts}
                navigate={navigate}
              />
            ))}
          </InTurn>
        </tbody>
      </table>
      {cancelling && (
        <Suspense>
          <CancelDialog
            name={cancelling.name}
            onClose={() => setCancelling(null)}
            onCancel={() => {
              acts.cancel(cancelling);
              setCancelling(null);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

type TickProps = { id?: string; label: string; checked: boolean; some?: boolean; onChange: () => void };

/** A plain checkbox: there is one on each row. */
const Tick = ({ id, label, checked, some = false, onChange }: TickProps) => (
  <input
    id={id}
    type="checkbox"
    className={classes.tick}
    aria-label={label}
    checked={checked}
    onChange={onChange}
    ref={(box) => {
      if (box) box.indeterminate = some;
    }}
  />
);

type SortHeadProps = { field: SortField; sort: Sort; onSort: () => void; right: boolean };

function SortHead({ field, sort, onSort, right }: SortHeadProps) {
  const active = sort.field === field;
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      className={right ? classes.right : undefined}
      aria-sort={active ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      <button
        type="button"
        className={`plain ${classes.sort}`}
        data-active={active || undefined}
        onClick={onSort}
      >
        {t.columns[field]}
        {active && <Arrow size={13} aria-hidden />}
      </button>
    </th>
  );
}

type RowProps = {
  item: HistoryItem;
  archived: boolean;
  /** Whose it is, where not all are one's own. */
  owner: string;
  /** Only its owner changes it. */
  mine: boolean;
  now: number;
  selected: boolean;
  onToggle: (item: HistoryItem) => void;
  onCancel: (item: HistoryItem) => void;
  acts: RowActs;
  navigate: NavigateFunction;
};

const Row = memo(function Row({
  item,
  archived,
  owner,
  mine,
  now,
  selected,
  onToggle,
  onCancel,
  acts,
  navigate,
}: RowProps) {
  const to = `/investigations/${encodeURIComponent(item.investigation_id)}`;
  const duration =
    item.status === "running" && item.started_at
      ? formatElapsed(now - Date.parse(item.started_at))
      : item.duration_ms !== null && formatDuration(item.duration_ms);
  return (
    <tr
      data-selected={selected || undefined}
      onClick={(event) => {
        const target = event.target;
        const control = target instanceof Element && target.closest("a, button, input, label, [role=menu]");
        if (!control && document.getSelection()?.isCollapsed !== false) navigate(to);
      }}
    >
      <td className={classes.check}>
        <Tick label={t.select(item.name)} checked={selected} onChange={() => onToggle(item)} />
      </td>
      <th scope="row" className={classes.name}>
        <Link to={to} title={item.name} dir="auto">
          {item.name}
        </Link>
        <span className={classes.types}>
          {[...(owner ? [owner] : []), ...item.entity_types.map((type) => words.entityType[type])].join(
            " · ",
          )}
        </span>
      </th>
      <td data-label={t.columns.status}>
        <div className={classes.state}>
          <StatusBadge status={item.status} partial={item.partial} />
          {item.partial && <span className={classes.types}>{words.partial.because[item.partial]}</span>}
          {(item.status === "running" || item.status === "paused") && <Percent item={item} />}
          {item.status === "error" && mine && (
            <span className={classes.rescue}>
              <button type="button" className="plain" onClick={() => acts.retry(item)}>
                {t.acts.retry}
              </button>
              <button type="button" className="plain" onClick={() => onCancel(item)}>
                {t.acts.cancelShort}
              </button>
            </span>
          )}
        </div>
      </td>
      <td data-label={t.columns.risk_score} data-empty={item.risk_score === null || undefined}>
        {item.risk_score === null ? (
          <span className={classes.dim}>{t.noRisk}</span>
        ) : (
          <RiskTag score={item.risk_score} level={item.risk_level} />
        )}
      </td>
      <td data-label={t.columns.entity_count} className={`${classes.right} tabular`}>
        {item.entity_count}
      </td>
      <td data-label={t.columns.started_at} data-empty={item.started_at === null || undefined}>
        <When at={item.started_at} />
      </td>
      <td data-label={t.columns.finished_at} data-empty={item.finished_at === null || undefined}>
        <When at={item.finished_at} />
      </td>
      <td
        data-label={t.columns.duration_ms}
        data-empty={!duration || undefined}
        className={`${classes.right} tabular`}
      >
        {duration || <span className={classes.dim}>{t.noRisk}</span>}
      </td>
      {archived ? (
        <td data-label={t.columns.kept_until}>
          {item.kept_until ? <Instant at={item.kept_until} format={formatDay} /> : t.keptForEver}
        </td>
      ) : (
        <td data-label={t.columns.updated_at}>
          <Instant at={item.updated_at} format={(at) => formatAgo(at, Math.max(now, Date.parse(at)))} />
        </td>
      )}
      <td className={classes.menu}>
        <RowMenu item={item} mine={mine} to={to} onCancel={onCancel} acts={acts} />
      </td>
    </tr>
  );
});

function When({ at }: { at: string | null }) {
  return at ? <Instant at={at} /> : <span className={classes.dim}>{t.noRisk}</span>;
}

function Percent({ item }: { item: HistoryItem }) {
  const percent = Math.min(100, Math.max(0, item.percent));
  return (
    <span className={classes.percent}>
      <span
        className={`${toneClass} ${classes.track}`}
        data-tone={item.status === "running" ? "active" : "medium"}
        role="progressbar"
        aria-label={t.progressOf(item.name)}
        aria-valuenow={Math.floor(percent)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span style={{ width: `${percent}%` }} />
      </span>
      <span className="tabular">{t.percent(percent)}</span>
    </span>
  );
}

type RowMenuProps = {
  item: HistoryItem;
  mine: boolean;
  to: string;
  onCancel: (item: HistoryItem) => void;
  acts: RowActs;
};

function RowMenu({ item, mine, to, onCancel, acts }: RowMenuProps) {
  const archived = item.archived_at !== null;
  const cancellable = mine && allows(item.status, "cancel");
  return (
    <OnDemand
      opens="menu"
      button={<button type="button" className={`plain ${classes.more}`} aria-label={t.actions(item.name)} />}
    >
      {(button, { Menu }) => (
        <Menu position="bottom-end" width={180}>
          <Menu.Target>{button}</Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component={Link} to={to} leftSection={<FolderOpen size={15} aria-hidden />}>
              {item.status === "completed" ? t.acts.results : t.acts.open}
            </Menu.Item>
            {item.status === "error" && mine && (
              <Menu.Item leftSection={<RotateCcw size={15} aria-hidden />} onClick={() => acts.retry(item)}>
                {t.acts.retry}
              </Menu.Item>
            )}
            {cancellable && (
              <Menu.Item leftSection={<CircleX size={15} aria-hidden />} onClick={() => onCancel(item)}>
                {t.acts.cancel}
              </Menu.Item>
            )}
            {mine && item.status === "draft" && item.entity_count === 0 && (
              <Menu.Item leftSection={<CircleX size={15} aria-hidden />} onClick={() => acts.discard(item)}>
                {t.acts.discard}
              </Menu.Item>
            )}
            {mine && (
              <Menu.Item
                leftSection={
                  archived ? <ArchiveRestore size={15} aria-hidden /> : <Archive size={15} aria-hidden />
                }
                onClick={() => acts.archive([item], !archived)}
              >
                {archived ? t.acts.unarchive : t.acts.archive}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </OnDemand>
  );
}
