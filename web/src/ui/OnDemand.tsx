import { cloneElement, type ReactElement, type Ref, useLayoutEffect, useRef, useState } from "react";
import { persist } from "./later";

type Button = ReactElement<{
  ref?: Ref<HTMLButtonElement>;
  onClick?: () => void;
  "aria-haspopup"?: "menu" | "dialog";
  "aria-expanded"?: boolean;
}>;

/** What menus and panels are made of: in a file of its own, for no screen begins with one. */
export type Panels = typeof import("./panels");
export const loadPanels = (): Promise<Panels> => persist(() => import("./panels"));

type Props = {
  button: Button;
  /** Fetches what else the panel needs, before it opens. */
  load?: () => Promise<void>;
  opens: "menu" | "dialog" /** The button with what it opens at a click. */;
  children: (button: Button, panels: Panels) => ReactElement;
};

/** A button whose menu or panel is built when it is first asked for: a page that has many of them is there sooner. */
export function OnDemand({ button, load, opens, children }: Props) {
  const [panels, setPanels] = useState<Panels>();
  const ask = async () => {
    try {
      const [come] = await Promise.all([loadPanels(), load?.()]);
      setPanels(come);
    } catch (error) {
      setPanels(() => {
        throw error; // where the rest of the page is told of what could not be fetched
      });
    }
  };
  const built = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (!panels) return;
    built.current?.focus();
    built.current?.click();
  }, [panels]);
  return panels
    ? children(cloneElement(button, { ref: built }), panels)
    : cloneElement(button, {
        onClick: ask,
        "aria-haspopup": opens,
        "aria-expanded": false,
      });
}
