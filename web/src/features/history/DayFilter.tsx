import { Button, Group, Stack, TextInput } from "@mantine/core";
import { formatDay, startOfDay } from "../../ui/time";
import type { Filters } from "./filters";
import { Filter } from "./PickFilter";
import { t } from "./texts";

type Props = { from: string; to: string; onChange: (part: Partial<Filters>) => void };

/** A day so many days ago, as the browser's calendar has it. */
function daysAgo(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() - days);
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

const presets = [
  { label: t.days.today, days: 0 },
  { label: t.days.week, days: 6 },
  { label: t.days.month, days: 29 },
] as const;

/** Narrows to what was changed on some days, both of them included. */
export function DayFilter({ from, to, onChange }: Props) {
  const name = (day: string) => {
    const at = startOfDay(day);
    return at ? formatDay(at) : "";
  };
  const chosen = from || to ? t.days.chosen(name(from), name(to)) : "";
  return (
    <Filter label={t.days.label} chosen={chosen}>
      {() => (
        <Stack gap="sm">
          <Group gap={6}>
            {presets.map(({ label, days }) => (
              <Button
                key={days}
                size="compact-sm"
                variant="default"
                onClick={() => onChange({ from: daysAgo(days), to: "" })}
              >
                {label}
              </Button>
            ))}
          </Group>
          <Group gap="sm" grow>
            <TextInput
              type="date"
              label={t.days.from}
              value={from}
              onChange={(event) => onChange({ from: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              label={t.days.to}
              value={to}
              onChange={(event) => onChange({ to: event.currentTarget.value })}
            />
          </Group>
          {chosen && (
            <Button size="compact-sm" variant="subtle" onClick={() => onChange({ from: "", to: "" })}>
              {t.any}
            </Button>
          )}
        </Stack>
      )}
    </Filter>
  );
}
