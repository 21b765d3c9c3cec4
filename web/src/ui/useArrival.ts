import { useEffect } from "react";
import { useLocation, useNavigationType } from "react-router";

/** Where a step to another page took away what had the focus, the content of the new one takes it: the next Tab begins there. */
export function useArrival() {
  const { pathname } = useLocation();
  const opened = useNavigationType() === "POP";
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page
  useEffect(() => {
    if (opened || document.activeElement !== document.body) return;
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [pathname]);
}
