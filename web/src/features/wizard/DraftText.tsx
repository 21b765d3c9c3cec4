import { TextInput, type TextInputProps } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

type Props = Omit<TextInputProps, "value" | "onChange"> & {
  value: string;
  onCommit: (value: string) => void;
};

/** A text that is saved as it is typed. While it has the focus it shows what is typed, even where the server trims it. */
export function DraftText({ value, onCommit, onFocus, onBlur, ...input }: Props) {
  const [typed, setTyped] = useState(value);
  const focused = useRef(false);
  useEffect(() => {
    if (!focused.current) setTyped(value);
  }, [value]);
  return (
    <TextInput
      {...input}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onCommit(event.currentTarget.value);
      }}
      onFocus={(event) => {
        focused.current = true;
        onFocus?.(event);
      }}
      onBlur={(event) => {
        focused.current = false;
        setTyped(value);
        onBlur?.(event);
      }}
    />
  );
}
