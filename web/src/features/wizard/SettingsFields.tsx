import { Group, Stack, Text } from "@mantine/core";
import { memo, type ReactNode, useMemo } from "react";
import type { Settings } from "../../api/investigation";
import type { Preflight } from "../../api/preflight";
import type { Fault } from "../../api/problem";
import { t } from "../../app/texts";
import { useConfig } from "../../sync/config";
import { LoadFailed } from "../../ui/Broken";
import { InTurn } from "../../ui/InTurn";
import { Section } from "../../ui/Section";
import { EntitiesField } from "./EntitiesField";
import { withAdded } from "./entity";
import { faultAt } from "./fault";
import { ModeFields, ThresholdField } from "./ModeFields";
import { RankButton, type Ranker } from "./RankButton";
import { ScoreFields } from "./ScoreFields";
import { TimeRangeField } from "./TimeRangeField";
import { ToolMatrixField } from "./ToolMatrixField";
import { t as own } from "./texts";
import { useCatalogue } from "./useCatalogue";

export type SettingsFieldsProps = {
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
  /** By pointers such as /settings/entities/0/value. */
  faults: Fault[];
  /** How often entities occur in the file, where that was counted. */
  presence?: Preflight["entities"];
  /** What is typed into the field that adds entities, and not added yet. */
  adding: string;
  onAdding: (text: string) => void;
  /** Places, such as /entities/0/value, that have no value of their own: a template asks for it at load. */
  asked?: readonly string[];
  disabled?: boolean;
  /** What tells whom of the file to look at, where that can be asked. */
  ranker?: Ranker;
  /** Stands at the end. */
  children?: ReactNode;
};

const none: never[] = [];

/** Whom to investigate and how: everything of settings but the file. Each part is drawn again where what it shows has changed. */
export const SettingsFields = memo(function SettingsFields({
  settings,
  onChange,
  faults,
  presence = none,
  adding,
  onAdding,
  asked = none,
  disabled = false,
  ranker,
  children,
}: SettingsFieldsProps) {
  const { limits } = useConfig();
  const { dataset, awaited, catalogue, agents } = useCatalogue(settings);
  const set = useMemo(() => {
    const setter =
      <K extends keyof Settings>(field: K) =>
      (value: Settings[K]) =>
        onChange({ [field]: value });
    return {
      entities: setter("entities"),
      time_range: setter("time_range"),
      tool_matrix: setter("tool_matrix"),
      risk_threshold: setter("risk_threshold"),
      scoring: setter("scoring"),
    };
  }, [onChange]);
  return (
    <InTurn first={2} rest={() => <div style={{ height: "100vh" }} />}>
      <Section
        title={t.entities.title}
        hint={disabled ? undefined : t.entities.hint(limits.entities_max)}
        aside={
          <Group gap="sm" wrap="nowrap">
            <Text size="xs" c="dimmed" className="tabular">
              {t.entities.count(settings.entities.length, limits.entities_max)}
            </Text>
            {!disabled && dataset && ranker && (
              <RankButton
                ranker={ranker}
                dataset={dataset}
                room={limits.entities_max - settings.entities.length}
                onTake={(taken) => onChange({ entities: withAdded(settings.entities, taken) })}
              />
            )}
          </Group>
        }
      >
        <EntitiesField
          value={settings.entities}
          onChange={set.entities}
          presence={presence}
          text={adding}
          onText={onAdding}
          faults={faults}
          asked={asked}
          max={limits.entities_max}
          disabled={disabled}
        />
      </Section>
      <Section title={t.range.title} hint={asked.includes("/time_range") ? own.asked : t.range.hint}>
        <TimeRangeField
          value={settings.time_range}
          onChange={set.time_range}
          dataset={dataset}
          awaited={awaited}
          faults={faults}
          disabled={disabled || asked.includes("/time_range")}
        />
      </Section>
      <Section title={t.tools.title} hint={t.tools.hint}>
        {catalogue.error ? (
          <LoadFailed error={catalogue.error} onRetry={() => catalogue.refetch()} />
        ) : (
          <ToolMatrixField
            agents={agents}
            value={settings.tool_matrix}
            judged={dataset !== undefined}
            onChange={set.tool_matrix}
            error={faultAt(faults, "/settings/tool_matrix", true)}
            disabled={disabled}
          />
        )}
      </Section>
      <Section title={t.modes.title}>
        <Stack gap="lg">
          <ModeFields settings={settings} onChange={onChange} disabled={disabled} />
          <ThresholdField
            value={settings.risk_threshold}
            onChange={set.risk_threshold}
            error={faultAt(faults, "/settings/risk_threshold")}
            disabled={disabled || asked.includes("/risk_threshold")}
          />
          <ScoreFields
            value={settings.scoring}
            agents={agents ?? none}
            onChange={set.scoring}
            error={faultAt(faults, "/settings/scoring", true)}
            disabled={disabled}
          />
          {children}
        </Stack>
      </Section>
    </InTurn>
  );
});
