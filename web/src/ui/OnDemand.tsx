import { cloneElement, type ReactElement, type Ref, useLayoutEffect, useRef, useState } from "react";

type Button = ReactElement<{
  ref?: Ref<HTMLButtonElement>;
  onClick?: () => void;
  "aria-haspopup"?: "menu" | "dialog";
  "aria-expanded"?: boolean;
}>;

type Props = {
  button: Button;
  /** Fetches what the panel is made of, before it opens. */
  load?: () => Promise<void>;
  opens: "menu" | "dialog" /** The button with what it opens at a click. */;
  children: (button: Button) => ReactElement;
};

/** A button whose menu or panel is built when it is first asked for: a page that has many of them is there sooner. */
export function OnDemand({ button, load, opens, children }: Props) {
  const [asked, setAsked] = useState(false);
  const ask = async () => {
    try {
      await load?.();
      setAsked(true);
    } catch (error) {
      setAsked(() => {
        throw error; // where the rest of the page is told of what could not be fetched
      });
    }
  };
  const built = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (!asked) return;
    built.current?.focus();
    built.current?.click();
  }, [asked]);
  return asked
    ? children(cloneElement(button, { ref: built }))
    : cloneElement(button, {
        onClick: ask,
        "aria-haspopup": opens,
        "aria-expanded": false,
      });
}
