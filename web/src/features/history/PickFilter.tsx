import { Button, Stack } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { type ReactNode, Suspense } from "react";
import { OnDemand, type Panels } from "../../ui/OnDemand";
import classes from "./history.module.css";
import { t } from "./texts";

type FilterProps = {
  label: string /** What is chosen, in a word or two. */;
  chosen: string;
  children: (panels: Panels) => ReactNode;
};

/** A button that opens what narrows the list, and tells what is chosen. */
export function Filter({ label, chosen, children }: FilterProps) {
  return (
    <OnDemand
      opens="dialog"
      button={
        <Button
          variant="default"
          className={classes.filter}
          data-active={chosen !== "" || undefined}
          rightSection={<ChevronDown size={14} aria-hidden />}
        >
          {chosen === "" ? label : t.chosen(label, chosen)}
        </Button>
      }
    >
      {(button, panels) => (
        <panels.Popover position="bottom-start" shadow="md" trapFocus returnFocus>
          <panels.Popover.Target>{button}</panels.Popover.Target>
          <panels.Popover.Dropdown aria-label={label}>
            <Suspense>{children(panels)}</Suspense>
          </panels.Popover.Dropdown>
        </panels.Popover>
      )}
    </OnDemand>
  );
}

type Props<T extends string> = {
  label: string;
  options: readonly T[];
  name: (option: T) => string;
  value: readonly T[];
  onChange: (value: T[]) => void;
};

/** Narrows to any of several values. */
export function PickFilter<T extends string>({ label, options, name, value, onChange }: Props<T>) {
  const [first] = value;
  const chosen = first === undefined ? "" : value.length === 1 ? name(first) : String(value.length);
  return (
    <Filter label={label} chosen={chosen}>
      {({ Checkbox }) => (
        <Stack gap={10} role="group" aria-label={label}>
          {options.map((option) => (
            <Checkbox
              key={option}
              size="sm"
              label={name(option)}
              checked={value.includes(option)}
              onChange={(event) => {
                const on = event.currentTarget.checked;
                onChange(options.filter((o) => (o === option ? on : value.includes(o))));
              }}
            />
          ))}
          {value.length > 0 && (
            <Button size="compact-sm" variant="subtle" onClick={() => onChange([])}>
              {t.any}
            </Button>
          )}
        </Stack>
      )}
    </Filter>
  );
}
