import { type ReactNode, startTransition, useEffect, useState } from "react";

/** Until a page was whole: from then on what one comes back to stands where it stood. */
let opening = true;

type Props = {
  /** How many fill the screen. */
  first: number;
  /** How many more at a time. */
  step?: number;
  /** Keeps the room of so many that are to come. */
  rest?: (left: number) => ReactNode;
  children: readonly ReactNode[];
};

/**
 * Draws parts that stand one below the other. When the app is opened these are the first ones, then some more at a time: neither the
 * first paint nor a click waits for what is out of sight. An address that leads to a place in the page has all at once.
 */
export function InTurn({ first, step = 1, rest, children }: Props) {
  const enough = (count: number) => (count < children.length ? count : Number.POSITIVE_INFINITY);
  const [drawn, setDrawn] = useState(() =>
    enough(opening && !leads(location) ? first : Number.POSITIVE_INFINITY),
  );
  const next = enough(drawn + step);
  useEffect(() => {
    if (drawn === Number.POSITIVE_INFINITY) opening = false;
    else startTransition(() => setDrawn(next));
  }, [drawn, next]);
  return (
    <>
      {children.slice(0, drawn)}
      {drawn < children.length && rest?.(children.length - drawn)}
    </>
  );
}

const leads = ({ hash, search }: Location) => hash !== "" || new URLSearchParams(search).has("finding");
