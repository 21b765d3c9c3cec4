import { cloneElement, type ReactElement, type Ref, useLayoutEffect, useRef, useState } from "react";

type Button = ReactElement<{
  ref?: Ref<HTMLButtonElement>;
  onClick?: () => void;
  "aria-haspopup"?: "menu" | "dialog";
  "aria-expanded"?: boolean;
}>;

type Props = {
  button: Button;
  opens: "menu" | "dialog" /** The button with what it opens at a click. */;
  children: (button: Button) => ReactElement;
};

/** A button whose menu or panel is built when it is first asked for: a page that has many of them is there sooner. */
export function OnDemand({ button, opens, children }: Props) {
  const [asked, setAsked] = useState(false);
  const built = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (!asked) return;
    built.current?.focus();
    built.current?.click();
  }, [asked]);
  return asked
    ? children(cloneElement(button, { ref: built }))
    : cloneElement(button, {
        onClick: () => setAsked(true),
        "aria-haspopup": opens,
        "aria-expanded": false,
      });
}
