import { NumberInput, Radio, SimpleGrid, Slider, Stack, Text } from "@mantine/core";
import { memo, useEffect, useState } from "react";
import type { Entity } from "../../api/entity";
import { type Priority, priorities, type Settings } from "../../api/investigation";
import { t } from "../../app/texts";
import { shownCard } from "../../sync/card";
import { Select } from "../../ui/Select";
import { Choice } from "./Choice";
import { fieldId } from "./fault";
import classes from "./ModeFields.module.css";
import { t as own } from "./texts";

type ModesProps = {
  settings: Settings;
  onChange: (change: Partial<Settings>) => void;
  disabled: boolean;
};

const shown = 3;

/** "User 17 or Card 4242… or 2 more", shortened where there are many. */
function listed(entities: Entity[], joint: string): string {
  const filled = entities.filter((e) => e.value.trim());
  if (filled.length === 0) return t.modes.none;
  const names = filled.slice(0, shown).map((e) => `${t.entityType[e.type]} ${e.label || shownCard(e.value)}`);
  return names.join(joint) + (filled.length > shown ? joint + own.moreEntities(filled.length - shown) : "");
}

/** For AND: one clause per type, as the server reads it. */
function listedByType(entities: Entity[]): string {
  const types = [...new Set(entities.filter((e) => e.value.trim()).map((e) => e.type))];
  if (types.length === 0) return t.modes.none;
  return types
    .map((type) =>
      listed(
        entities.filter((e) => e.type === type),
        t.modes.any,
      ),
    )
    .join(t.modes.every);
}

/** How several entities are taken together, and in which order agents work; each explained on the case at hand. */
export const ModeFields = memo(function ModeFields({ settings, onChange, disabled }: ModesProps) {
  const oneType = new Set(settings.entities.map((e) => e.type)).size < 2;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <Radio.Group
        id={fieldId("/settings/correlation_mode")}
        label={t.modes.correlation}
        value={settings.correlation_mode}
        onChange={(mode) => (mode === "OR" || mode === "AND") && onChange({ correlation_mode: mode })}
      >
        <Stack gap="xs" mt={6}>
          <Choice
            value="OR"
            label={t.modes.OR}
            detail={t.modes.orExample(listed(settings.entities, t.modes.any))}
            disabled={disabled}
          />
          <Choice
            value="AND"
            label={t.modes.AND}
            detail={
              settings.entities.length > 0 && oneType
                ? t.modes.andOne
                : t.modes.andExample(listedByType(settings.entities))
            }
            disabled={disabled}
          />
        </Stack>
      </Radio.Group>
      <Radio.Group
        id={fieldId("/settings/execution_mode")}
        label={t.modes.execution}
        value={settings.execution_mode}
        onChange={(mode) =>
          (mode === "parallel" || mode === "sequential") && onChange({ execution_mode: mode })
        }
      >
        <Stack gap="xs" mt={6}>
          <Choice
            value="parallel"
            label={t.modes.parallel}
            detail={t.modes.parallelDetail}
            disabled={disabled}
          />
          <Choice
            value="sequential"
            label={t.modes.sequential}
            detail={t.modes.sequentialDetail}
            disabled={disabled}
          />
        </Stack>
      </Radio.Group>
    </SimpleGrid>
  );
});

const bands = [
  { value: 40, label: t.risk.medium },
  { value: 60, label: t.risk.high },
  { value: 80, label: t.risk.critical },
];

type ThresholdProps = {
  value: number;
  onChange: (value: number) => void;
  error: string | undefined;
  disabled: boolean;
};

/** From which score on the results recommend to act. The slider is saved when it is let go. */
export const ThresholdField = memo(function ThresholdField({
  value,
  onChange,
  error,
  disabled,
}: ThresholdProps) {
  const [sliding, setSliding] = useState(value);
  useEffect(() => setSliding(value), [value]);
  return (
    <div>
      <Text size="sm" fw={500}>
        {t.modes.threshold}
      </Text>
      <Text size="xs" c="dimmed">
        {t.modes.thresholdHint}
      </Text>
      <div className={classes.threshold}>
        <Slider
          className={classes.slider}
          thumbLabel={t.modes.threshold}
          min={0}
          max={100}
          value={sliding}
          marks={bands}
          disabled={disabled}
          onChange={setSliding}
          onChangeEnd={onChange}
        />
        <NumberInput
          id={fieldId("/settings/risk_threshold")}
          aria-label={t.modes.thresholdInput}
          min={0}
          max={100}
          clampBehavior="strict"
          w={84}
          value={sliding}
          error={error}
          disabled={disabled}
          onChange={(next) => typeof next === "number" && onChange(next)}
        />
      </div>
    </div>
  );
});

type PriorityProps = { value: Priority; onChange: (value: Priority) => void; disabled: boolean };

/** Which of the runs that wait goes first. */
export function PriorityField({ value, onChange, disabled }: PriorityProps) {
  return (
    <Select
      label={own.priority.label}
      description={own.priority.hint}
      maw={420}
      value={value}
      data={priorities.map((name) => ({ value: name, label: own.priority[name] }))}
      allowDeselect={false}
      disabled={disabled}
      onChange={(chosen) => onChange(priorities.find((name) => name === chosen) ?? "normal")}
    />
  );
}
