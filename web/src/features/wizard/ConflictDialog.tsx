import { Button, Group, Modal, Radio, Table, Text } from "@mantine/core";
import { useState } from "react";
import { type Entity, entityType } from "../../api/entity";
import type { Draft } from "../../api/investigation";
import { t as app } from "../../app/texts";
import { useNames } from "../../sync/colleague";
import type { DraftField } from "../../sync/draft";
import { useMe } from "../../sync/session";
import type { Choices, Collision } from "../../sync/threeWay";
import { scoringWords } from "../../ui/scoring";
import { formatInstant } from "../../ui/time";
import classes from "./ConflictDialog.module.css";
import { useSaving } from "./saving";
import { t } from "./texts";

const nameOf = (e: Entity) => `${app.entityType[e.type]} ${e.label ? `${e.label} (${e.value})` : e.value}`;

/** A field of a draft in words. */
function fieldWords(draft: Draft, field: DraftField): string {
  const { settings } = draft;
  switch (field) {
    case "name":
      return draft.name || app.conflict.empty;
    case "wizard_step":
      return app.step[draft.wizard_step];
    case "settings.dataset":
      return settings.dataset ?? app.conflict.empty;
    case "settings.entities":
      return settings.entities.map(nameOf).join(", ") || app.conflict.empty;
    case "settings.time_range": {
      const { preset, start, end } = settings.time_range;
      if (preset) return app.range.presets[preset];
      return [start, end].map((at) => (at ? formatInstant(at) : "…")).join(" – ");
    }
    case "settings.tool_matrix":
      return app.conflict.tools(
        settings.tool_matrix.filter((c) => c.enabled).length,
        settings.tool_matrix.length,
      );
    case "settings.correlation_mode":
      return app.modes[settings.correlation_mode];
    case "settings.execution_mode":
      return app.modes[settings.execution_mode];
    case "settings.risk_threshold":
      return String(settings.risk_threshold);
    case "settings.scoring":
      return scoringWords(settings.scoring);
  }
}

const parts = {
  type: app.entities.type,
  value: app.entities.value,
  label: app.entities.labelField,
  weight: app.entities.weight,
} as const;

/** What collides, in words. */
function subject(collision: Collision): string {
  switch (collision.kind) {
    case "field":
      return app.conflict.fields[collision.field];
    case "entity":
      return collision.part === "primary"
        ? t.conflict.primary
        : t.conflict.entity(nameOf(collision.entity), parts[collision.part]);
    case "removed":
      return t.conflict.wholeEntity(nameOf(collision.entity));
    case "tool":
      return collision.param
        ? t.conflict.param(collision.tool, collision.param)
        : t.conflict.tool(collision.tool);
  }
}

/** One side of what collides, in words. */
function words(collision: Collision, side: "mine" | "theirs"): string {
  switch (collision.kind) {
    case "field":
      return fieldWords(collision[side], collision.field);
    case "entity": {
      const value = collision[side];
      if (value === undefined) return t.conflict.unset;
      const type = collision.part === "type" ? entityType.safeParse(value) : null;
      return type?.success ? app.entityType[type.data] : value;
    }
    case "removed": {
      const entity = collision[side];
      return entity ? nameOf(entity) : t.conflict.removed;
    }
    case "tool": {
      const value = collision[side];
      if (typeof value === "boolean") return value ? t.conflict.on : t.conflict.off;
      return value === undefined ? t.conflict.default : String(value);
    }
  }
}

/** Asks, one by one, which value stands where the same thing was changed here and elsewhere. */
export function ConflictDialog() {
  const { state, autosave } = useSaving();
  const me = useMe().data;
  const nameOf = useNames(t.conflict.you);
  const [choices, setChoices] = useState<Choices>({});
  if (state.kind !== "conflict") return null;
  const { collisions } = state;

  const settle = (final: Choices) => {
    autosave.resolve(final);
    setChoices({});
  };
  const all = (choice: "mine" | "theirs") =>
    settle(Object.fromEntries(collisions.map((collision) => [collision.key, choice])));
  const source = (collision: Collision, side: "mine" | "theirs") => {
    const edit = state[side](collision);
    if (!edit) return null;
    const myself = edit.by === null || edit.by === me?.id;
    const who =
      edit.by && !myself ? nameOf(edit.by) : side === "mine" ? t.conflict.you : t.conflict.youElsewhere;
    return t.conflict.entered(who, formatInstant(edit.at));
  };

  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t.conflict.title}
      size="xl"
      centered
    >
      <Text size="sm" c="dimmed" mb="md">
        {t.conflict.lead}
      </Text>
      <Table verticalSpacing="sm" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.conflict.field}</Table.Th>
            <Table.Th>{t.conflict.mine}</Table.Th>
            <Table.Th>{t.conflict.theirs}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {collisions.map((collision) => (
            <Table.Tr key={collision.key}>
              <Table.Th scope="row" className={classes.what}>
                {subject(collision)}
              </Table.Th>
              {(["mine", "theirs"] as const).map((side) => (
                <Table.Td key={side} className={classes.side} data-side={t.conflict[side]}>
                  <Radio
                    name={`conflict ${collision.key}`}
                    checked={(choices[collision.key] ?? "mine") === side}
                    onChange={() => setChoices({ ...choices, [collision.key]: side })}
                    label={words(collision, side)}
                    description={source(collision, side)}
                    styles={{ label: { overflowWrap: "anywhere" } }}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" mt="lg" gap="xs">
        {collisions.length > 1 && (
          <Button variant="default" onClick={() => all("mine")}>
            {t.conflict.keepHere}
          </Button>
        )}
        <Button variant="default" onClick={() => all("theirs")}>
          {t.conflict.keepThere}
        </Button>
        <Button onClick={() => settle(choices)} data-autofocus>
          {t.conflict.apply}
        </Button>
      </Group>
    </Modal>
  );
}
