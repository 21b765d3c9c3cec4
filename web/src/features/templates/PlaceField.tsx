import { Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { timeRange } from "../../api/investigation";
import type { Placeholder } from "../../api/template";
import { datasetsQuery } from "../../sync/dataset";
import { fromWall, shownZone, toWall } from "../../ui/time";
import { t } from "./texts";

/** Whether there is something to send for a placeholder. */
export function isGiven(value: unknown): boolean {
  const range = timeRange.safeParse(value).data;
  return range
    ? range.preset !== undefined || (range.start !== undefined && range.end !== undefined)
    : value !== undefined && value !== "";
}

type PlaceProps = {
  place: Placeholder;
  value: unknown;
  /** What the server has against the value. */
  wrong: string | undefined;
  onChange: (value: unknown) => void;
};

/** Asks for one placeholder, with the control that fits its place. */
export function PlaceField({ place, value, wrong, onChange }: PlaceProps) {
  switch (place.pointer) {
    case "/dataset":
      return (
        <DatasetChoice
          label={place.label}
          required
          value={typeof value === "string" ? value : undefined}
          wrong={wrong}
          onChange={onChange}
        />
      );
    case "/time_range":
      return <RangeField place={place} value={value} wrong={wrong} onChange={onChange} />;
    case "/risk_threshold":
      return (
        <NumberInput
          label={place.label}
          withAsterisk
          min={0}
          max={100}
          value={typeof value === "number" ? value : ""}
          error={wrong}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    default:
      return (
        <TextInput
          label={place.label}
          withAsterisk
          maxLength={320}
          value={typeof value === "string" ? value : ""}
          error={wrong}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

type DatasetProps = {
  label: string;
  hint?: string;
  required?: boolean;
  value: string | undefined;
  wrong: string | undefined;
  onChange: (id: string | undefined) => void;
};

/** One of the data sets that the user has. */
export function DatasetChoice({ label, hint, required = false, value, wrong, onChange }: DatasetProps) {
  const datasets = useQuery(datasetsQuery).data;
  return (
    <Stack gap={4}>
      <Select
        label={label}
        description={hint}
        withAsterisk={required}
        clearable={!required}
        searchable
        data={(datasets ?? []).map((d) => ({ value: d.id, label: d.name }))}
        value={value ?? null}
        error={wrong}
        onChange={(next) => onChange(next ?? undefined)}
      />
      {datasets?.length === 0 && (
        <Text size="xs">
          {t.noDataset} <Link to="/datasets">{t.upload}</Link>
        </Text>
      )}
    </Stack>
  );
}

const custom = "custom";

/** A preset, or a moment and another. */
function RangeField({ place, value, wrong, onChange }: PlaceProps) {
  const range = timeRange.safeParse(value).data;
  const side = (which: "start" | "end") => (
    <TextInput
      type="datetime-local"
      label={t.range[which]}
      withAsterisk
      value={range?.[which] ? toWall(range[which]).slice(0, 16).replace(" ", "T") : ""}
      onChange={(event) => {
        const at = fromWall(event.currentTarget.value)?.toISOString();
        const { [which]: _, ...rest } = range ?? {};
        onChange(at ? { ...rest, [which]: at } : rest);
      }}
    />
  );
  return (
    <Stack gap="xs">
      <Select
        label={place.label}
        withAsterisk
        data={[
          ...Object.entries(t.preset).map(([preset, label]) => ({ value: preset, label })),
          { value: custom, label: t.range.custom },
        ]}
        value={range ? (range.preset ?? custom) : null}
        error={wrong}
        onChange={(choice) => onChange(choice === custom ? {} : choice ? { preset: choice } : undefined)}
      />
      {range && !range.preset && (
        <Group gap="sm" align="flex-end">
          {side("start")}
          {side("end")}
          <Text size="xs" c="dimmed">
            {t.range.zone(shownZone())}
          </Text>
        </Group>
      )}
    </Stack>
  );
}
