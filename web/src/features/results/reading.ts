import { createContext, useEffect, useState } from "react";
import { flushSync } from "react-dom";

/** The file's own names of its canonical columns. */
export const FileColumns = createContext<Readonly<Record<string, string>>>({});

/** Whether what is drawn goes onto paper. */
export const Printing = createContext(false);

/** Whether the page is being printed: then everything is open, and on a light ground. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const root = document.documentElement;
    let scheme: string | null = null;
    const begin = () => {
      scheme = root.getAttribute("data-mantine-color-scheme");
      root.setAttribute("data-mantine-color-scheme", "light");
      flushSync(() => setPrinting(true));
    };
    const end = () => {
      if (scheme) root.setAttribute("data-mantine-color-scheme", scheme);
      setPrinting(false);
    };
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", begin);
      window.removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}
