import { useEffect, useLayoutEffect } from "react";
import { useLocation, useNavigationType } from "react-router";

/** Gives the focus to the content of the page: the next Tab begins there. */
export const focusContent = () => document.getElementById("content")?.focus({ preventScroll: true });

/**
 * Where a step to another page took away what had the focus, the content of the new one takes it.
 * The new page is seen from its top; back and forward, a page is where it was left.
 */
export function useArrival() {
  const { pathname, hash } = useLocation();
  const opened = useNavigationType() === "POP";
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page, and before a part of it asks to be seen
  useLayoutEffect(() => {
    if (!opened && hash === "") window.scrollTo(0, 0);
  }, [pathname]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    if (!opened && document.activeElement === document.body) focusContent();
  }, [pathname]);
}
