import { Group, Kbd, Modal, Text, TextInput, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { Database, FolderSearch, LayoutTemplate, type LucideIcon, Search, Zap } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { getHistory, type HistoryItem, whose } from "../api/history";
import type { Me } from "../api/session";
import { datasetsQuery } from "../sync/dataset";
import { writes } from "../sync/rights";
import { templatesQuery } from "../sync/template";
import { RiskTag, Tag } from "../ui/Tone";
import classes from "./Palette.module.css";
import { placesFor } from "./places";
import { t } from "./texts";

type Entry = {
  id: string;
  group: string;
  label: string;
  note?: string;
  Icon: LucideIcon;
  risk?: number;
  go: () => void;
};

const shown = 6;
const create = "/investigations/new";

/** The number of an investigation, as reports and logs tell it. */
const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether each word that was typed stands somewhere in a text. */
function holds(text: string, typed: string): boolean {
  const low = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word));
}

type Props = { me: Me; onClose: () => void; onPreferences: () => void };

/** Goes to anything by a few letters: investigations and templates by the server's search, data sets, and what can be done. */
export function Palette({ me, onClose, onPreferences }: Props) {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), 120);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // once the dialog is gone: a key opened it, so no button takes the focus back
      setTimeout(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
      });
    },
    [before],
  );

  const lists = text && writes(me.role) ? whose : whose.slice(0, 1); // the first is an auditor's list of everybody's
  const [mine, ...foreign] = useQueries({
    queries: lists.map((whose) => {
      const search = new URLSearchParams({ limit: String(shown), whose, ...(text ? { q: text } : {}) });
      return {
        queryKey: ["history", "palette", search.toString()],
        queryFn: ({ signal }: { signal: AbortSignal }) => getHistory(search, signal),
        placeholderData: keepPreviousData,
      };
    }),
  });
  const ofColleagues = new Map(
    foreign.flatMap(({ data }) => data?.items ?? []).map((item) => [item.investigation_id, item]),
  );
  const templates = useQuery(templatesQuery({ text, tag: "", mine: false, sort: "name", page: 1 }));
  const datasets = useQuery(datasetsQuery);

  const to = (path: string) => () => navigate(path);
  const entryOf = (group: string) => (item: HistoryItem) => ({
    id: `i-${item.investigation_id}`,
    group,
    label: item.name,
    note: item.partial ? t.partial.status : t.status[item.status],
    Icon: FolderSearch,
    ...(item.risk_score === null ? {} : { risk: item.risk_score }),
    go: to(`/investigations/${encodeURIComponent(item.investigation_id)}`),
  });
  const acts = [
    ...(writes(me.role) ? [{ id: create, label: t.nav.create, go: to(create) }] : []),
    ...placesFor(me.role)
      .filter((place) => place.to !== create)
      .map((place) => ({ id: place.to, label: t.palette.go(place.label), go: to(place.to) })),
    { id: "archive", label: t.palette.go(t.palette.archive), go: to("/?archived=true") },
    { id: "preferences", label: t.preferences.title, go: onPreferences },
    { id: "light", label: t.palette.theme(t.theme.light), go: () => setColorScheme("light") },
    { id: "dark", label: t.palette.theme(t.theme.dark), go: () => setColorScheme("dark") },
    { id: "auto", label: t.palette.theme(t.theme.auto), go: () => setColorScheme("auto") },
  ];
  const entries: Entry[] = [
    ...(mine?.data?.items ?? []).map(entryOf(text ? t.nav.investigations : t.palette.recent)),
    ...(text && (mine?.data?.total ?? 0) > shown
      ? [
          {
            id: "all",
            group: t.nav.investigations,
            label: t.palette.all(text),
            Icon: Search,
            go: to(`/?q=${encodeURIComponent(text)}`),
          },
        ]
      : []),
    ...(id.test(text)
      ? [
          {
            id: "id",
            group: t.nav.investigations,
            label: t.palette.byId(text),
            Icon: FolderSearch,
            go: to(`/investigations/${text}`),
          },
        ]
      : []),
    ...[...ofColleagues.values()].slice(0, shown).map(entryOf(t.palette.foreign)),
    ...acts
      .filter((act) => holds(act.label, text))
      .slice(0, text ? shown : 5)
      .map((act) => ({ ...act, id: `a-${act.id}`, group: t.palette.acts, Icon: Zap })),
    ...(text ? (templates.data?.items ?? []) : []).slice(0, shown).map((item) => ({
      id: `t-${item.template_id}`,
      group: t.nav.templates,
      label: item.name,
      Icon: LayoutTemplate,
      go: to(`/templates/${encodeURIComponent(item.template_id)}`),
    })),
    ...(text ? (datasets.data ?? []) : [])
      .filter((item) => holds(item.name, text))
      .slice(0, shown)
      .map((item) => ({
        id: `d-${item.id}`,
        group: t.nav.datasets,
        label: item.name,
        Icon: Database,
        go: to(`/datasets/${encodeURIComponent(item.id)}`),
      })),
  ];
  const current = entries[Math.min(at, entries.length - 1)];
  const groups = [...new Set(entries.map((entry) => entry.group))];

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has another first entry
  useEffect(() => setAt(0), [text]);
  useEffect(() => {
    list.current
      ?.querySelector(`[data-id="${CSS.escape(current?.id ?? "")}"]`)
      ?.scrollIntoView({ block: "nearest" });
  }, [current?.id]);

  function run(entry: Entry | undefined) {
    if (!entry) return;
    onClose();
    entry.go();
  }

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={620}
      styles={{ body: { padding: 0 }, content: { padding: 0 } }}
      yOffset="max(12vh, 136px)"
      attributes={{ content: { "aria-label": t.palette.label } }}
      transitionProps={{ duration: 80 }}
    >
      <TextInput
        variant="unstyled"
        className={classes.input}
        aria-label={t.palette.label}
        placeholder={t.palette.placeholder}
        leftSection={<Search size={17} aria-hidden />}
        value={typed}
        maxLength={200}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") run(current);
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step === 0 || entries.length === 0) return;
          event.preventDefault();
          setAt((now) => (Math.min(now, entries.length - 1) + step + entries.length) % entries.length);
        }}
        role="combobox"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={current ? `palette-${current.id}` : undefined}
        aria-autocomplete="list"
        data-autofocus
      />
      <div className={classes.list} id="palette" role="listbox" aria-label={t.palette.found} ref={list}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options in a list box is no field set
          <div key={group} role="group" aria-label={group}>
            <div className={classes.group} aria-hidden>
              {group}
            </div>
            {entries
              .filter((entry) => entry.group === group)
              .map((entry) => (
                <div
                  key={entry.id}
                  id={`palette-${entry.id}`}
                  data-id={entry.id}
                  role="option"
                  tabIndex={-1}
                  aria-selected={entry === current}
                  className={classes.entry}
                  onMouseMove={() => setAt(entries.indexOf(entry))}
                  onClick={() => run(entry)}
                  onKeyDown={(event) => event.key === "Enter" && run(entry)}
                >
                  <entry.Icon size={16} aria-hidden className={classes.icon} />
                  <span className={classes.label} dir="auto">
                    {entry.label}
                  </span>
                  {entry.risk !== undefined ? (
                    <RiskTag score={entry.risk} level={null} />
                  ) : (
                    entry.note && <Tag tone="none">{entry.note}</Tag>
                  )}
                </div>
              ))}
          </div>
        ))}
        {entries.length === 0 && (
          <Text size="sm" c="dimmed" p="md" role="status">
            {t.palette.none}
          </Text>
        )}
      </div>
      <Group gap="lg" className={classes.foot} aria-hidden>
        <span>
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {t.palette.choose}
        </span>
        <span>
          <Kbd size="xs">↵</Kbd> {t.palette.open}
        </span>
        <span>
          <Kbd size="xs">{t.palette.escape}</Kbd> {t.palette.leave}
        </span>
      </Group>
    </Modal>
  );
}
