import { type ComponentProps, useId } from "react";
import classes from "./segmented.module.css";

type Props<T extends string> = Omit<ComponentProps<"div">, "onChange" | "role" | "className"> & {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: string }[];
  size?: "xs" | "sm";
  disabled?: boolean;
};

/** One of a few, all of them in sight. Mantine's measures its options one by one, which the list cannot wait for. */
export function Segmented<T extends string>({ value, onChange, options, size, disabled, ...rest }: Props<T>) {
  const name = useId();
  return (
    <div role="radiogroup" className={classes.group} data-size={size} {...rest}>
      {options.map((option) => (
        <label key={option.value} className={classes.option}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            disabled={disabled}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
