import { Anchor, Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { Link } from "react-router";
import type { Dataset } from "../../api/dataset";
import { t } from "../../app/texts";
import { datasetsQuery } from "../../sync/dataset";
import { LoadFailed } from "../../ui/Broken";
import { formatCount } from "../../ui/number";
import { Select } from "../../ui/Select";
import { formatDay } from "../../ui/time";
import { fieldId } from "./fault";
import { t as own } from "./texts";

type Props = {
  value: string | undefined;
  onChange: (id: string | undefined) => void;
  /** Whose investigation it is, where it is not one's own. */
  foreign: string | undefined;
  error: string | undefined;
  disabled: boolean;
  /** What the file is called, where the results tell. */
  name?: string | undefined;
};

const span = ({ first_event_at, last_event_at }: Dataset) =>
  first_event_at && last_event_at
    ? `${formatDay(first_event_at)} – ${formatDay(last_event_at)}`
    : t.settings.noTime;

/** Of the field with what is told of the file below it, in pixels. */
const chosenHeight = 81;

/** Which file is searched, with its size and the time it covers. */
export function DatasetField({ value, name, onChange, foreign, error, disabled }: Props) {
  const datasets = useQuery(datasetsQuery);
  if (datasets.error) return <LoadFailed error={datasets.error} onRetry={() => datasets.refetch()} />;
  if (!datasets.data) return <Skeleton h={value ? chosenHeight : 57} />;
  if (foreign !== undefined && !datasets.data.some(({ id }) => id === value)) {
    return (
      <TextInput
        label={t.settings.dataset}
        value={name ?? own.foreignFile(foreign)}
        description={own.foreignData(foreign)}
        disabled
      />
    );
  }
  if (datasets.data.length === 0) {
    return (
      <Stack gap={6} align="flex-start" id={fieldId("/settings/dataset")} tabIndex={-1}>
        <Text fw={600} size="sm">
          {t.settings.datasetNone}
        </Text>
        <Text size="sm" c="dimmed">
          {t.settings.datasetNoneHint}
        </Text>
        <Button component={Link} to="/datasets" size="xs" leftSection={<Upload size={14} aria-hidden />}>
          {t.settings.datasetUpload}
        </Button>
      </Stack>
    );
  }
  const byId = new Map(datasets.data.map((d) => [d.id, d]));
  const chosen = value ? byId.get(value) : undefined;
  return (
    <Stack gap={6}>
      <Select
        id={fieldId("/settings/dataset")}
        label={t.settings.dataset}
        placeholder={t.settings.datasetChoose}
        data={datasets.data.map((d) => ({ value: d.id, label: d.name }))}
        value={chosen ? chosen.id : null}
        onChange={(id) => id && onChange(id)}
        error={error ?? (value && !chosen ? t.settings.datasetGone : undefined)}
        disabled={disabled}
        searchable={datasets.data.length > 8}
        withAsterisk
        renderOption={({ option }) => {
          const d = byId.get(option.value);
          return (
            <div>
              <Text size="sm" fw={550}>
                {option.label}
              </Text>
              {d && (
                <Text size="xs" c="dimmed">
                  {t.settings.rows(formatCount(d.rows))} · {span(d)}
                </Text>
              )}
            </div>
          );
        }}
      />
      {chosen && (
        <Group gap={8}>
          <Text size="xs" c="dimmed" className="tabular">
            {byId.size === 1 && !disabled && `${own.onlyDataset} · `}
            {t.settings.rows(formatCount(chosen.rows))} · {span(chosen)}
            {chosen.rejected_rows > 0 && ` · ${t.settings.rejected(formatCount(chosen.rejected_rows))}`}
          </Text>
          <Anchor component={Link} to={`/datasets/${chosen.id}`} size="xs">
            {t.settings.datasetView}
          </Anchor>
          {byId.size === 1 && !disabled && (
            <Anchor component="button" type="button" size="xs" onClick={() => onChange(undefined)}>
              {own.noDataset}
            </Anchor>
          )}
        </Group>
      )}
    </Stack>
  );
}
