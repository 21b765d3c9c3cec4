import { Button, Group, Modal, Radio, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { Draft } from "../../api/investigation";
import { t } from "../../app/texts";
import { type Choice, type DraftField, draftOf } from "../../sync/draft";
import { useMe } from "../../sync/session";
import { formatInstant } from "../../ui/time";
import { useSaving } from "./saving";

/** A field of a draft in words. */
function words(draft: Draft, field: DraftField): string {
  const { settings } = draft;
  switch (field) {
    case "name":
      return draft.name || t.conflict.empty;
    case "wizard_step":
      return t.step[draft.wizard_step];
    case "settings.dataset":
      return settings.dataset ?? t.conflict.empty;
    case "settings.entities":
      return settings.entities.length === 0
        ? t.conflict.empty
        : settings.entities
            .map((e) => `${t.entityType[e.type]} ${e.label ? `${e.label} (${e.value})` : e.value}`)
            .join(", ");
    case "settings.time_range": {
      const { preset, start, end } = settings.time_range;
      if (preset) return t.range.presets[preset];
      return [start, end].map((at) => (at ? formatInstant(at) : "…")).join(" – ");
    }
    case "settings.tool_matrix":
      return t.conflict.tools(
        settings.tool_matrix.filter((c) => c.enabled).length,
        settings.tool_matrix.length,
      );
    case "settings.correlation_mode":
      return t.modes[settings.correlation_mode];
    case "settings.execution_mode":
      return t.modes[settings.execution_mode];
    case "settings.risk_threshold":
      return String(settings.risk_threshold);
  }
}

/** Asks, field by field, whose value stands where two people changed the same one. */
export function ConflictDialog() {
  const { state, autosave, draft } = useSaving();
  const me = useMe().data;
  const [choices, setChoices] = useState<Partial<Record<DraftField, Choice>>>({});
  if (state.kind !== "conflict" || !draft) return null;

  const { merge, theirs } = state;
  const last = merge.colliding
    .map((field) => theirs.edits[field])
    .filter((edit) => edit !== undefined)
    .sort((a, b) => b.version - a.version)[0];
  const myself = !last || last.by === me?.id;

  const settle = (final: Partial<Record<DraftField, Choice>>) => {
    autosave.resolve(final);
    setChoices({});
  };

  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={myself ? t.conflict.titleMyself : t.conflict.title}
      size="lg"
      centered
    >
      <Text size="sm" c="dimmed" mb="md">
        {t.conflict.lead(myself ? t.conflict.you : last.by, formatInstant(last?.at ?? theirs.updated_at))}
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t.conflict.field}</Table.Th>
            <Table.Th>{myself ? t.conflict.thisWindow : t.conflict.mine}</Table.Th>
            <Table.Th>{myself ? t.conflict.otherWindow : t.conflict.theirs}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {merge.colliding.map((field) => (
            <Table.Tr key={field}>
              <Table.Th scope="row">{t.conflict.fields[field]}</Table.Th>
              {(["mine", "theirs"] as const).map((choice) => (
                <Table.Td key={choice}>
                  <Radio
                    name={`conflict-${field}`}
                    checked={(choices[field] ?? "mine") === choice}
                    onChange={() => setChoices({ ...choices, [field]: choice })}
                    label={words(choice === "mine" ? draft : draftOf(theirs), field)}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button
          variant="default"
          onClick={() => settle(Object.fromEntries(merge.colliding.map((field) => [field, "theirs"])))}
        >
          {myself ? t.conflict.allOther : t.conflict.allTheirs}
        </Button>
        <Button onClick={() => settle(choices)} data-autofocus>
          {t.conflict.apply}
        </Button>
      </Group>
    </Modal>
  );
}
