import { useEffect, useRef } from "react";

/** For a part of a page whose parts come and go: when that which has the focus goes, the whole takes it. To be spread over its element. */
export function useKeptFocus<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  const within = useRef(false);
  useEffect(() => {
    // what leaves the page is not blurred
    if (within.current && document.activeElement === document.body)
      ref.current?.focus({ preventScroll: true });
  });
  return {
    ref,
    tabIndex: -1,
    onFocus: () => {
      within.current = true;
    },
    onBlur: () => {
      within.current = false;
    },
  };
}
