import { Select as Mantines, type SelectProps } from "@mantine/core";
import { useState } from "react";

/** Mantine's; what can be chosen is built when one comes to it, for pages begin with several that few open. */
export function Select<Value extends string>({ onFocus, comboboxProps, ...props }: SelectProps<Value>) {
  const [reached, setReached] = useState(false);
  return (
    <Mantines<Value>
      {...props}
      comboboxProps={{ keepMounted: reached, ...comboboxProps }}
      onFocus={(event) => {
        setReached(true);
        onFocus?.(event);
      }}
    />
  );
}
