import { Checkbox, Group, Stack, TextInput } from "@mantine/core";
import type { TemplateSave } from "../../api/template";
import { t as words } from "../../app/texts";
import { shownCard } from "../../sync/card";
import { within as inSentence } from "../../ui/useTitles";
import { freeName } from "./describe";
import { t } from "./texts";

/** Whether a place is asked for at load. */
export const asks = ({ placeholders }: TemplateSave, pointer: string) =>
  placeholders.some((p) => p.pointer === pointer);

type AskedProps = {
  form: TemplateSave;
  onChange: (placeholders: TemplateSave["placeholders"]) => void;
  /** Places that have no value: what is not asked for there is given here. */
  lacking: string[];
  values: Record<string, string>;
  onValue: (pointer: string, value: string) => void;
  /** What the server has against a placeholder, by its number. */
  wrong: (i: number) => string | undefined;
};

export const datasetPlace = { name: "dataset", pointer: "/dataset", label: t.askDataset };

/** Which places of the settings are asked for at load, and in what words. */
export function Asked({ form, onChange, lacking, values, onValue, wrong }: AskedProps) {
  const places = [
    { ...datasetPlace, now: "" },
    { name: "time_range", pointer: "/time_range", label: t.askRange, now: "" },
    {
      name: "risk_threshold",
      pointer: "/risk_threshold",
      label: t.askThreshold,
      now: String(form.settings.risk_threshold),
    },
    ...form.settings.entities.map(({ type, value, label }, i, all) => {
      const alike = all.filter((other) => other.type === type).length;
      const nth = all.slice(0, i + 1).filter((other) => other.type === type).length;
      const word = inSentence(words.entityType[type]);
      return {
        name: `entity_${i + 1}`,
        pointer: `/entities/${i}/value`,
        label: alike > 1 ? t.askNth(word, nth) : t.askEntity(word),
        now: [shownCard(value), label].filter(Boolean).join(", "),
      };
    }),
  ];
  return (
    <Stack gap="sm">
      {places.map(({ now, ...place }) => {
        const held = form.placeholders.find((p) => p.pointer === place.pointer);
        const others = form.placeholders.filter((p) => p.pointer !== place.pointer);
        return (
          <Group key={place.pointer} gap="sm" align="flex-start">
            <Checkbox
              label={place.label}
              description={now}
              checked={held !== undefined}
              onChange={(event) =>
                onChange(event.currentTarget.checked ? [...others, freeName(place, others)] : others)
              }
            />
            {held && (
              <TextInput
                size="xs"
                aria-label={`${t.label}: ${place.label}`}
                value={held.label}
                error={wrong(form.placeholders.indexOf(held))}
                maxLength={200}
                style={{ flex: "1 1 220px" }}
                onChange={(event) =>
                  onChange(
                    form.placeholders.map((p) =>
                      p.pointer === place.pointer ? { ...p, label: event.currentTarget.value } : p,
                    ),
                  )
                }
              />
            )}
            {!held && lacking.includes(place.pointer) && (
              <TextInput
                size="xs"
                aria-label={t.valueOf(place.label)}
                placeholder={t.valueHint}
                required
                value={values[place.pointer] ?? ""}
                maxLength={320}
                style={{ flex: "1 1 220px" }}
                onChange={(event) => onValue(place.pointer, event.currentTarget.value)}
              />
            )}
          </Group>
        );
      })}
    </Stack>
  );
}
