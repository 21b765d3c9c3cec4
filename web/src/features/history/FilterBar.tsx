import { Button, CloseButton, Group, MultiSelect, SegmentedControl, Select, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { statuses } from "../../api/investigation";
import { severities } from "../../api/results";
import { t as words } from "../../app/texts";
import { type Filters, isNarrow, noFilters, sortFields } from "./filters";
import classes from "./history.module.css";
import { t } from "./texts";

const typingMs = 250;

type Props = { filters: Filters; onChange: (part: Partial<Filters>) => void };

/** What narrows the list. Everything here stands in the address. */
export function FilterBar({ filters, onChange }: Props) {
  return (
    <search className={classes.filters} aria-label={t.filters}>
      <SearchField text={filters.text} onChange={(text) => onChange({ text })} />
      <MultiSelect
        className={classes.pick}
        aria-label={t.status}
        placeholder={filters.status.length === 0 ? t.anyStatus : ""}
        data={statuses.map((status) => ({ value: status, label: words.status[status] }))}
        value={[...filters.status]}
        onChange={(values) => onChange({ status: statuses.filter((status) => values.includes(status)) })}
        clearable
        size="sm"
      />
      <MultiSelect
        className={classes.pick}
        aria-label={t.risk}
        placeholder={filters.risk.length === 0 ? t.anyRisk : ""}
        data={[...severities].reverse().map((level) => ({ value: level, label: words.risk[level] }))}
        value={[...filters.risk]}
        onChange={(values) => onChange({ risk: severities.filter((level) => values.includes(level)) })}
        clearable
        size="sm"
      />
      <Group gap={6} className={classes.sortPick}>
        <Select
          aria-label={t.sortBy}
          size="sm"
          data={sortFields.map((field) => ({ value: field, label: t.columns[field] }))}
          value={filters.sort.field}
          onChange={(value) => {
            const field = sortFields.find((f) => f === value);
            if (field) onChange({ sort: { ...filters.sort, field } });
          }}
        />
        <Button
          variant="default"
          onClick={() => onChange({ sort: { ...filters.sort, descending: !filters.sort.descending } })}
        >
          {filters.sort.descending ? t.descending : t.ascending}
        </Button>
      </Group>
      <SegmentedControl
        size="sm"
        aria-label={t.showing}
        value={filters.archived ? "archived" : "active"}
        onChange={(value) => onChange({ archived: value === "archived" })}
        data={[
          { value: "active", label: t.active },
          { value: "archived", label: t.archived },
        ]}
      />
      {isNarrow(filters) && (
        <Button
          variant="subtle"
          onClick={() => onChange({ ...noFilters, archived: filters.archived, sort: filters.sort })}
        >
          {t.reset}
        </Button>
      )}
    </search>
  );
}

/** Narrows while one types, once one pauses. */
function SearchField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const sent = useRef(text);
  const change = useRef(onChange);
  change.current = onChange;

  useEffect(() => {
    if (text !== sent.current) {
      sent.current = text;
      setTyped(text);
    }
  }, [text]);

  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      change.current(typed);
    }, typingMs);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <TextInput
      className={classes.search}
      type="search"
      aria-label={t.search}
      placeholder={t.search}
      maxLength={200}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      leftSection={<Search size={15} aria-hidden />}
      rightSection={
        typed && <CloseButton size="sm" aria-label={t.clearSearch} onClick={() => setTyped("")} />
      }
    />
  );
}
