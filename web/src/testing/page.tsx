import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";
import { vi } from "vitest";
import type { Event } from "../api/event";
import type { Investigation } from "../api/investigation";
import { receive } from "../sync/known";
import { knownFrom } from "../sync/merge";

/** Gives jsdom what the components ask a browser for, and a slow machine the time it needs. */
export function stubBrowser() {
  configure({ asyncUtilTimeout: 60_000 });
  vi.stubGlobal("matchMedia", (media: string) => ({
    matches: false,
    media,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("scrollTo", () => {});
  Object.defineProperty(document, "fonts", {
    configurable: true,
    value: { addEventListener: () => {}, removeEventListener: () => {} },
  });
  Element.prototype.scrollIntoView = () => {};
}

/** What a request is answered with, by the path below /api/v1; a path that is not named is a 404. */
export type Answers = (path: string, init: RequestInit) => unknown;

/** Answers requests as told, and notes them. */
export function stubServer(answers: Answers) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const path = String(url).replace("/api/v1", "");
    asked.push(`${init.method ?? "GET"} ${path}`);
    const body = answers(path, init);
    return body === undefined
      ? new Response(JSON.stringify({ title: "Not here", code: "not_found" }), { status: 404 })
      : new Response(JSON.stringify(body), { status: 200 });
  });
  return asked;
}

function Place() {
  const { pathname, search } = useLocation();
  return <output data-testid="place">{pathname + search}</output>;
}

/** Shows a page at an address, with an investigation already known where one is given. */
export function showPage(page: ReactNode, path: string, address: string, known?: Investigation) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const id = known?.investigation_id ?? "";
  if (known) client.setQueryData(["investigation", id], knownFrom(known));
  const view = render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <MemoryRouter initialEntries={[address]}>
          <Place />
          <Routes>
            <Route path={path} element={page} />
            <Route path="*" element={null} />
          </Routes>
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return {
    ...view,
    /** Lets events arrive, as a poll would. */
    arrive: (events: readonly Event[]) => act(async () => void receive(client, id, { events })),
    place: () => view.getByTestId("place").textContent,
  };
}

/** What the browser's storage keeps of forms that were not sent. */
export const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith("olorin-draft/"));
