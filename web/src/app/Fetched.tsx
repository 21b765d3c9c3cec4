import { type ComponentType, useState } from "react";
import { later } from "../ui/later";

type Page = { load: () => Promise<void>; come: ComponentType | undefined; Later: ComponentType };

/** A page in a file of its own, fetched by `load` or else when it is first drawn. */
export function fetched(file: () => Promise<ComponentType>): Page {
  const page: Page = {
    come: undefined,
    load: async () => {
      page.come ??= await file();
    },
    Later: later(file),
  };
  return page;
}

/**
 * Draws such a page. One whose file has come is drawn at once: a lazy component shows the fallback first all the same, and React keeps that
 * for 300 ms.
 */
export function Fetched({ page }: { page: Page }) {
  const [shown, show] = useState(() => ({ page, Page: page.come ?? page.Later }));
  if (shown.page !== page) show({ page, Page: page.come ?? page.Later }); // one route after another is the same element to React
  return <shown.Page />;
}
