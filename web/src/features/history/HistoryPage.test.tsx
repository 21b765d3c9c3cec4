import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, test } from "vitest";
import { showPage, stubBrowser, stubServer } from "../../testing/page";
import { HistoryPage } from "./HistoryPage";
import { t } from "./texts";

beforeAll(stubBrowser);
afterEach(cleanup);

const at = "2026-11-22T09:00:00.000Z";
const item = (id: string, status: string, rest: Record<string, unknown> = {}) => ({
  investigation_id: id,
  name: `Case ${id}`,
  status,
  wizard_step: "progress",
  risk_score: null,
  entity_count: 2,
  entity_types: ["user_id"],
  percent: 0,
  created_at: at,
  started_at: null,
  finished_at: null,
  updated_at: at,
  duration_ms: null,
  archived_at: null,
  version: 3,
  ...rest,
});
const page = (items: unknown[], total = items.length) => ({
  items,
  page: 1,
  limit: 20,
  total,
  total_pages: Math.ceil(total / 20),
});

const show = (address = "/") => showPage(<HistoryPage />, "/", address);

test("lists what there is: percent while it runs, the score once it has one", async () => {
  stubServer(() =>
    page([
      item("a", "running", { percent: 43.7 }),
      item("b", "completed", { risk_score: 71.4, risk_level: "high", duration_ms: 44_400 }),
    ]),
  );
  show();
  const running = (await screen.findByRole("link", { name: "Case a" })).closest("tr");
  expect(running?.textContent).toContain("43 %");
  expect(screen.getByRole("link", { name: "Case a" }).getAttribute("href")).toBe("/investigations/a");
  const done = screen.getByRole("link", { name: "Case b" }).closest("tr");
  expect(done?.textContent).toContain("71High");
  expect(done?.textContent).toContain("44.4 s");
});

test("the address says what is asked of the server, and a search goes into it", async () => {
  const user = userEvent.setup();
  const asked = stubServer(() => page([item("a", "error")]));
  const shown = show("/?status=error&sort=-risk_score");
  await screen.findByRole("link", { name: "Case a" });
  expect(asked).toContain("GET /wizard/history?status=error&sort=-risk_score&page=1&limit=20");
  await user.type(screen.getByRole("searchbox", { name: t.search }), "ana");
  await waitFor(() => expect(shown.place()).toBe("/?status=error&q=ana&sort=-risk_score"));
  await user.click(screen.getByRole("button", { name: t.columns.name }));
  expect(shown.place()).toBe("/?status=error&q=ana&sort=name");
});

test("an act is offered only where the status allows it", async () => {
  const user = userEvent.setup();
  stubServer(() => page([item("a", "error"), item("b", "completed")]));
  show();
  await user.click(await screen.findByRole("button", { name: t.actions("Case a") }));
  const ofError = within(await screen.findByRole("menu")).getAllByRole("menuitem");
  expect(ofError.map((entry) => entry.textContent)).toEqual([
    t.acts.open,
    t.acts.retry,
    t.acts.cancel,
    t.acts.archive,
  ]);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  await user.click(screen.getByRole("button", { name: t.actions("Case b") }));
  const ofDone = within(await screen.findByRole("menu")).getAllByRole("menuitem");
  expect(ofDone.map((entry) => entry.textContent)).toEqual([t.acts.results, t.acts.archive]);
});

test("what is selected is archived together", async () => {
  const user = userEvent.setup();
  const asked = stubServer((path) =>
    path.includes("/archive")
      ? { archived: ["a", "b"], refused: [] }
      : page([item("a", "completed"), item("b", "draft")]),
  );
  show();
  await user.click(await screen.findByRole("checkbox", { name: t.selectAll }));
  await user.click(screen.getByRole("button", { name: t.archiveMany(2) }));
  await waitFor(() =>
    expect(asked.filter((request) => request.startsWith("POST"))).toEqual(["POST /wizard/history/archive"]),
  );
});

test("an empty list says what to do next, a too narrow one how to widen it", async () => {
  const user = userEvent.setup();
  stubServer(() => page([]));
  const shown = show("/?q=nothing");
  await screen.findByText(t.noMatch.title);
  await user.click(screen.getAllByRole("button", { name: t.reset })[0] ?? document.body);
  expect(shown.place()).toBe("/");
  expect(await screen.findByRole("link", { name: t.empty.action })).toBeTruthy();
});
