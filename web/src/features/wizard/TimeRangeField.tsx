import { Group, Text } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { memo } from "react";
import type { Dataset } from "../../api/dataset";
import { type RangePreset, rangePresets, type TimeRange } from "../../api/investigation";
import type { Fault } from "../../api/problem";
import { t } from "../../app/texts";
import { Segmented } from "../../ui/Segmented";
import { formatDay, fromWall, Instant, shownZone, startOfDay, toWall } from "../../ui/time";
import { faultAt, fieldId } from "./fault";
import classes from "./TimeRangeField.module.css";

type Props = {
  value: TimeRange;
  onChange: (range: TimeRange) => void;
  dataset: Dataset | undefined;
  /** Whether it is not known yet what the data set holds. */
  awaited: boolean;
  faults: Fault[];
  disabled: boolean;
};

const days: Record<RangePreset, number | null> = {
  last_7d: 7,
  last_30d: 30,
  last_90d: 90,
  last_365d: 365,
  all: null,
};

/** The interval in ms since the epoch that a range means on data from `first` to `last`. */
function resolveRange(range: TimeRange, first: number, last: number): { from: number; to: number } {
  if (range.preset) {
    const back = days[range.preset];
    return { from: back === null ? first : last - back * 86_400_000, to: last };
  }
  return {
    from: range.start ? Date.parse(range.start) : first,
    to: range.end ? Date.parse(range.end) : last,
  };
}

const minute = 60_000;
const iso = (at: number) => new Date(at).toISOString();

/** Whether the data has events around a day ("2026-08-02"): the others are pale in the calendar. */
const within = (day: string, first: number, last: number) =>
  Number(startOfDay(day, 1)) > first && Number(startOfDay(day)) <= last;

/** Which part of the data is searched: counted back from its newest event, or from a moment to another. */
export const TimeRangeField = memo(function TimeRangeField({
  value,
  onChange,
  dataset,
  awaited,
  faults,
  disabled,
}: Props) {
  const first = dataset?.first_event_at ? Date.parse(dataset.first_event_at) : null;
  const last = dataset?.last_event_at ? Date.parse(dataset.last_event_at) : null;

  function choose(choice: string) {
    const preset = rangePresets.find((p) => p === choice);
    if (preset) return onChange({ preset });
    if (first === null || last === null) return onChange({});
    const now = resolveRange(value, first, last);
    onChange({
      start: iso(Math.floor(Math.max(now.from, first) / minute) * minute),
      end: iso(Math.floor(now.to / minute + 1) * minute),
    });
  }

  const picker = (side: "start" | "end", label: string) => (
    <DateTimePicker
      id={fieldId(`/settings/time_range/${side}`)}
      label={label}
      valueFormat="D MMM YYYY HH:mm"
      value={value[side] ? toWall(value[side]) : null}
      onChange={(text) => {
        const instant = text && fromWall(text);
        const { [side]: _, preset: __, ...rest } = value;
        onChange(instant ? { ...rest, [side]: instant.toISOString() } : rest);
      }}
      {...(first === null ? {} : { defaultDate: toWall(first).slice(0, 10) })}
      getDayProps={(day) =>
        first === null || last === null || within(day, first, last) ? {} : { opacity: 0.35 }
      }
      error={faultAt(faults, `/settings/time_range/${side}`)}
      disabled={disabled}
      clearable
      clearButtonProps={{ "aria-label": t.range.clear(label) }}
      w={210}
    />
  );

  return (
    <div id={fieldId("/settings/time_range")} tabIndex={-1} className={classes.field}>
      <div className={classes.presets}>
        <Segmented
          aria-label={t.range.title}
          value={value.preset ?? "custom"}
          onChange={choose}
          disabled={disabled}
          options={[
            ...rangePresets.map((preset) => ({ value: preset, label: t.range.presets[preset] })),
            { value: "custom", label: t.range.custom },
          ]}
        />
      </div>
      {!value.preset && (
        <Group gap="sm" mt="sm" align="flex-start">
          {picker("start", t.range.start)}
          {picker("end", t.range.end)}
          <Text size="xs" c="dimmed" className={classes.zone}>
            {t.range.zone(shownZone())}
          </Text>
        </Group>
      )}
      {first !== null && last !== null ? (
        <RangeBar first={first} last={last} {...resolveRange(value, first, last)} />
      ) : awaited ? (
        <div className={classes.range} />
      ) : dataset || !disabled ? (
        <Text size="sm" c="dimmed" mt="sm">
          {dataset ? t.settings.noTime : t.range.noDataset}
        </Text>
      ) : null}
      {faultAt(faults, "/settings/time_range") && (
        <Text size="sm" c="var(--mantine-color-error)" mt="xs">
          {faultAt(faults, "/settings/time_range")}
        </Text>
      )}
    </div>
  );
});

/** The data's whole time as a line, with the chosen part of it marked. */
function RangeBar({ first, last, from, to }: { first: number; last: number; from: number; to: number }) {
  const span = Math.max(1, last - first);
  const share = (at: number) => Math.min(100, Math.max(0, ((at - first) / span) * 100));
  const outside = to < first || from > last;
  return (
    <div className={classes.range}>
      <div
        className={classes.bar}
        role="img"
        aria-label={t.range.bar(formatDay(iso(Math.max(from, first))), formatDay(iso(Math.min(to, last))))}
      >
        {!outside && (
          <div
            className={classes.chosen}
            style={{ left: `${share(from)}%`, width: `max(3px, ${share(to) - share(from)}%)` }}
          />
        )}
      </div>
      <div className={classes.ends}>
        <Text span size="xs" c="dimmed">
          <Instant at={iso(first)} format={formatDay} />
        </Text>
        {outside ? (
          <Text size="xs" c="var(--mantine-color-error)" className={classes.part}>
            {t.range.outside}
          </Text>
        ) : (
          <Text size="xs" fw={550} className={classes.part}>
            <Instant at={iso(Math.max(from, first))} format={formatDay} /> –{" "}
            <Instant at={iso(Math.min(to, last))} format={formatDay} />
          </Text>
        )}
        <Text span size="xs" c="dimmed">
          <Instant at={iso(last)} format={formatDay} />
        </Text>
      </div>
    </div>
  );
}
