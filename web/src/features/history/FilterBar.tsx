import { Button, CloseButton, Group, NativeSelect, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { entityTypes } from "../../api/entity";
import { severities } from "../../api/severity";
import { statuses } from "../../api/status";
import { t as words } from "../../app/texts";
import { useWrites } from "../../sync/rights";
import { Segmented } from "../../ui/Segmented";
import { DayFilter } from "./DayFilter";
import { type Filters, isNarrow, noFilters, sortFields } from "./filters";
import classes from "./history.module.css";
import { OwnerFilter } from "./OwnerFilter";
import { PickFilter } from "./PickFilter";
import { t } from "./texts";
import { Views } from "./Views";

const typingMs = 250;

type Props = { filters: Filters; onChange: (part: Partial<Filters>) => void };

/** What narrows the list. Everything here stands in the address. */
export function FilterBar({ filters, onChange }: Props) {
  const reads = !useWrites();
  const Arrow = filters.sort.descending ? ArrowDown : ArrowUp;
  return (
    <search className={classes.filters} aria-label={t.filters}>
      <SearchField text={filters.text} onChange={(text) => onChange({ text })} />
      <PickFilter
        label={t.status}
        options={statuses}
        name={(status) => words.status[status]}
        value={filters.status}
        onChange={(status) => onChange({ status })}
      />
      <PickFilter
        label={t.risk}
        options={[...severities].reverse()}
        name={(level) => words.risk[level]}
        value={filters.risk}
        onChange={(risk) => onChange({ risk: severities.filter((level) => risk.includes(level)) })}
      />
      <PickFilter
        label={t.types}
        options={entityTypes}
        name={(type) => words.entityType[type]}
        value={filters.types}
        onChange={(types) => onChange({ types })}
      />
      <DayFilter from={filters.from} to={filters.to} onChange={onChange} />
      {(reads || filters.whose !== "mine" || filters.owners.length > 0) && (
        <OwnerFilter owners={filters.owners} onChange={(owners) => onChange({ owners })} />
      )}
      {isNarrow(filters) && (
        <Button
          variant="subtle"
          px="xs"
          onClick={() =>
            onChange({ ...noFilters, whose: filters.whose, archived: filters.archived, sort: filters.sort })
          }
        >
          {t.reset}
        </Button>
      )}
      <Group gap={8} className={classes.end}>
        <Group gap={6} className={classes.sortPick}>
          <NativeSelect
            aria-label={t.sortBy}
            size="sm"
            data={sortFields.map((field) => ({ value: field, label: t.columns[field] }))}
            value={filters.sort.field}
            onChange={(event) => {
              const field = sortFields.find((f) => f === event.currentTarget.value);
              if (field) onChange({ sort: { ...filters.sort, field } });
            }}
          />
          <Button
            variant="default"
            px={9}
            aria-label={filters.sort.descending ? t.descending : t.ascending}
            onClick={() => onChange({ sort: { ...filters.sort, descending: !filters.sort.descending } })}
          >
            <Arrow size={15} aria-hidden />
          </Button>
        </Group>
        <Views filters={filters} />
        <Segmented
          aria-label={t.showing}
          value={filters.archived ? "archived" : "active"}
          onChange={(value) => onChange({ archived: value === "archived" })}
          options={[
            { value: "active", label: t.active },
            { value: "archived", label: t.archived },
          ]}
        />
      </Group>
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
