import {
  ActionIcon,
  Alert,
  Button,
  Group,
  NumberInput,
  Radio,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, memo, useId, useRef, useState } from "react";
import { type Entity, entityType, entityTypes } from "../../api/entity";
import type { Preflight } from "../../api/preflight";
import type { Fault } from "../../api/problem";
import { t } from "../../app/texts";
import { isSealed, shownCard } from "../../sync/card";
import { formatCount } from "../../ui/number";
import { Select } from "../../ui/Select";
import { Tag } from "../../ui/Tone";
import classes from "./EntitiesField.module.css";
import { recognise, recognisePasted, whyInvalid, withAdded } from "./entity";
import { faultAt, fieldId } from "./fault";
import { t as own } from "./texts";
import { useRowIds } from "./useRowIds";

type Props = {
  value: Entity[];
  onChange: (entities: Entity[]) => void;
  /** How often entities occur in the file, where that was counted. */
  presence?: Preflight["entities"];
  /** What is typed into the adding field and not added yet. */
  text: string;
  onText: (text: string) => void;
  faults: Fault[];
  /** Places, such as /entities/0/value, that are asked for elsewhere. */
  asked?: readonly string[];
  max: number;
  disabled: boolean;
};

const types = entityTypes.map((value) => ({ value, label: t.entityType[value] }));

/** Who or what is investigated. One line adds one; pasted lines add many. */
export const EntitiesField = memo(function EntitiesField({
  value,
  onChange,
  presence = [],
  text,
  onText,
  faults,
  asked = [],
  max,
  disabled,
}: Props) {
  const ids = useRowIds(value);
  const [notice, setNotice] = useState<string | null>(null);
  const primary = useId();
  const rows = useRef<HTMLUListElement>(null);
  const adder = useRef<HTMLInputElement>(null);
  const guess = text.trim() ? recognise(text) : null;

  function add(pasted: string) {
    const { entities: found, repeated } = recognisePasted(pasted);
    const isKnown = (type: string, v: string) => value.some((e) => e.type === type && e.value.trim() === v);
    const fresh = found.filter((e) => !isKnown(e.type, e.value));
    const taken = fresh.slice(0, Math.max(0, max - value.length));
    const notes = [
      ...(repeated > 0 ? [own.entities.repeated(repeated)] : []),
      ...(fresh.length < found.length ? [t.entities.known(found.length - fresh.length)] : []),
      ...(taken.length < fresh.length
        ? [
            own.entities.full(
              fresh.slice(taken.length).map((e) => e.value),
              max,
            ),
          ]
        : []),
    ];
    setNotice(notes.join(" ") || null);
    onText("");
    adder.current?.focus();
    if (taken.length === 0) return;
    onChange(withAdded(value, taken));
  }

  function replace(index: number, entity: Entity) {
    onChange(value.map((old, i) => (i === index ? entity : old)));
  }

  function remove(index: number) {
    // its button goes with it: the focus stays in the list while there is one
    const row = rows.current?.children[index];
    const beside = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector(
      "button[data-remove]",
    );
    (beside instanceof HTMLElement ? beside : adder.current)?.focus();
    const rest = value.filter((_, i) => i !== index);
    const first = rest[0];
    onChange(first && value[index]?.primary ? [{ ...first, primary: true }, ...rest.slice(1)] : rest);
  }

  const full = value.length >= max;
  return (
    <div id={fieldId("/settings/entities")} tabIndex={-1} className={classes.field}>
      {value.length > 0 && (
        <>
          <div className={classes.head} aria-hidden="true">
            <span>{t.entities.type}</span>
            <span>{t.entities.value}</span>
            <span>{t.entities.labelField}</span>
            <span>{t.entities.weight}</span>
            <span>{t.entities.primary}</span>
            <span />
          </div>
          <ul ref={rows} className={classes.list}>
            {value.map((entity, i) => (
              <EntityRow
                key={ids[i]}
                index={i}
                entity={entity}
                rows={presence.find((p) => p.type === entity.type && p.value === entity.value.trim())?.rows}
                faults={faults}
                asked={asked.includes(`/entities/${i}/value`)}
                disabled={disabled}
                primaryGroup={primary}
                onChange={(next) => replace(i, next)}
                onPrimary={() =>
                  onChange(
                    value.map(({ primary: _, ...rest }, j) => (j === i ? { ...rest, primary: true } : rest)),
                  )
                }
                onRemove={() => remove(i)}
              />
            ))}
          </ul>
        </>
      )}
      {value.length === 0 && disabled && <Text c="dimmed">{t.entities.none}</Text>}
      {!disabled && (
        <Group gap="xs" align="flex-start" mt={value.length > 0 ? "sm" : 0} wrap="nowrap">
          <TextInput
            ref={adder}
            className={classes.adder}
            id={fieldId("/settings/entities/add")}
            aria-label={t.entities.addLabel}
            placeholder={t.entities.addPlaceholder}
            value={text}
            disabled={full}
            onChange={(event) => onText(event.currentTarget.value)}
            onKeyDown={(event: KeyboardEvent) => {
              if (event.key !== "Enter" || !text.trim()) return;
              event.preventDefault();
              add(text);
            }}
            onPaste={(event: ClipboardEvent) => {
              const pasted = event.clipboardData.getData("text");
              const { entities, repeated } = recognisePasted(pasted);
              if (entities.length + repeated < 2) return;
              event.preventDefault();
              add(pasted);
            }}
            error={faultAt(faults, "/settings/entities")}
            rightSectionWidth={120}
            rightSection={
              guess && (
                <Tag tone={guess.sure ? "active" : "none"}>
                  {t.entityType[guess.type]}
                  {guess.sure ? "" : "?"}
                </Tag>
              )
            }
          />
          <Button
            variant="default"
            leftSection={<Plus size={15} aria-hidden />}
            disabled={full || !text.trim()}
            onClick={() => add(text)}
          >
            {t.entities.add}
          </Button>
        </Group>
      )}
      {notice && (
        <Alert color="yellow" mt="xs" p="xs" withCloseButton onClose={() => setNotice(null)} role="status">
          {notice}
        </Alert>
      )}
    </div>
  );
});

type RowProps = {
  index: number;
  entity: Entity;
  /** In how many rows of the file it occurs; undefined where that was not counted. */
  rows: number | undefined;
  faults: Fault[];
  asked: boolean;
  disabled: boolean;
  primaryGroup: string;
  onChange: (entity: Entity) => void;
  onPrimary: () => void;
  onRemove: () => void;
};

function EntityRow({
  index,
  entity,
  rows,
  faults,
  asked,
  disabled,
  primaryGroup,
  onChange,
  onPrimary,
  onRemove,
}: RowProps) {
  const [left, setLeft] = useState(true);
  const fault = useId();
  // digits of a card that is half typed must not be saved: with the last four of the whole they would give it away
  const [digits, setDigits] = useState<string | null>(null);
  const commit = () => {
    if (digits !== null && digits !== entity.value) onChange({ ...entity, value: digits });
    setDigits(null);
  };
  const pointer = `/settings/entities/${index}`;
  const named = (what: string) => `${t.entities.nth(index + 1)}: ${what}`;
  const wrong =
    faultAt(faults, `${pointer}/value`) ?? (left && entity.value.trim() ? whyInvalid(entity) : null);
  const wrongType = faultAt(faults, `${pointer}/type`);
  return (
    <li className={classes.row} data-entity={entity.value}>
      <Select
        className={classes.type}
        id={fieldId(`${pointer}/type`)}
        aria-label={named(t.entities.type)}
        data={types}
        value={entity.type}
        disabled={disabled}
        error={wrongType !== undefined}
        aria-describedby={wrongType === undefined ? undefined : fault}
        onChange={(type) => {
          const parsed = entityType.safeParse(type);
          if (parsed.success) onChange({ ...entity, type: parsed.data });
        }}
      />
      <TextInput
        className={classes.value}
        id={fieldId(`${pointer}/value`)}
        aria-label={named(t.entities.value)}
        value={digits ?? (asked ? "" : shownCard(entity.value))}
        placeholder={asked ? own.asked : ""}
        disabled={disabled || asked}
        error={wrong}
        description={isSealed(entity.value) ? own.entities.sealed : undefined}
        inputWrapperOrder={["label", "input", "description", "error"]}
        rightSectionWidth={rows === undefined ? 0 : 104}
        rightSection={
          rows !== undefined && (
            <Text size="xs" c={rows === 0 ? "var(--mantine-color-error)" : "dimmed"} className="tabular">
              {rows === 0
                ? own.estimate.absent
                : rows === 1
                  ? own.estimate.occursOnce
                  : own.estimate.occurs(formatCount(rows))}
            </Text>
          )
        }
        onChange={(event) => {
          setLeft(false);
          const value = event.currentTarget.value;
          if (entity.type === "card_number") setDigits(value);
          else onChange({ ...entity, value });
        }}
        onKeyDown={(event) => event.key === "Enter" && commit()}
        onBlur={() => {
          setLeft(true);
          commit();
        }}
        onPaste={(event) => {
          const { selectionStart, selectionEnd, value } = event.currentTarget;
          if (selectionStart !== 0 || selectionEnd !== value.length) return;
          const found = recognise(event.clipboardData.getData("text"));
          if (!found.sure) return;
          event.preventDefault();
          setDigits(null);
          onChange({ ...entity, type: found.type, value: found.value });
        }}
      />
      <div className={classes.narrow} aria-hidden="true">
        <span>{t.entities.labelField}</span>
        <span>{t.entities.weight}</span>
        <span>{t.entities.primary}</span>
        <span />
      </div>
      <TextInput
        aria-label={named(t.entities.labelField)}
        placeholder={disabled ? "" : t.entities.labelPlaceholder}
        value={entity.label ?? ""}
        disabled={disabled}
        onChange={(event) => {
          const { label: _, ...rest } = entity;
          const label = event.currentTarget.value;
          onChange(label ? { ...rest, label } : rest);
        }}
      />
      <Tooltip label={t.entities.weightHint}>
        <NumberInput
          id={fieldId(`${pointer}/weight`)}
          aria-label={named(t.entities.weight)}
          min={1}
          max={10}
          clampBehavior="strict"
          allowDecimal={false}
          value={entity.weight ?? 1}
          disabled={disabled}
          error={faultAt(faults, `${pointer}/weight`)}
          onChange={(weight) => typeof weight === "number" && onChange({ ...entity, weight })}
        />
      </Tooltip>
      <Tooltip label={t.entities.primaryHint}>
        <Radio
          name={primaryGroup}
          aria-label={named(t.entities.primary)}
          checked={entity.primary ?? false}
          disabled={disabled}
          onChange={onPrimary}
          className={classes.primary}
        />
      </Tooltip>
      {!disabled && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          data-remove
          aria-label={t.entities.remove(entity.value)}
          onClick={onRemove}
        >
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      )}
      {wrongType !== undefined && (
        <Text id={fault} size="xs" className={classes.fault}>
          {wrongType}
        </Text>
      )}
    </li>
  );
}
