import { act, cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { useConnection } from "../../sync/connection";
import { showPage, stubBrowser, stubServer } from "../../testing/page";
import { sampleEvent, sampleState } from "../../testing/sample";
import { ProgressStep } from "./ProgressStep";
import { t } from "./texts";

beforeAll(stubBrowser);
beforeEach(() => {
  stubServer((path) => (path.startsWith("/agents") ? { agents: [] } : undefined));
});
afterEach(cleanup);

const at = "2026-11-22T09:00:00.000Z";
const show = (change: Record<string, unknown>) =>
  showPage(
    <ProgressStep />,
    "/investigations/:id/progress",
    "/investigations/inv-1/progress",
    sampleState({ version: 10, started_at: at, ...change }),
  );
const completed = [sampleEvent(11, "status.changed", { from: "running", to: "completed", act: "complete" })];
const results = "/investigations/inv-1/results";

test("goes to the results when the run completes", async () => {
  const page = show({ status: "running" });
  await page.arrive(completed);
  await waitFor(() => expect(page.place()).toBe(results));
});

test("an estimate that has not been made is not made up", async () => {
  const page = show({ status: "running" });
  expect(screen.getByText(t.queued)).toBeTruthy();
  await page.arrive([sampleEvent(11, "phase.changed", { phase: "planning", status: "running", percent: 0 })]);
  expect(await screen.findByText(t.eta.measuring)).toBeTruthy();
  await page.arrive([
    sampleEvent(12, "progress.changed", { percent: 10, phase: "analysis", eta_seconds: 41 }),
  ]);
  expect(await screen.findByText(t.eta.seconds(40))).toBeTruthy();
});

test("without the server the clock of a run stands still", async () => {
  const page = show({ status: "running" });
  await page.arrive([
    sampleEvent(11, "phase.changed", { phase: "analysis", status: "running", percent: 10 }),
    sampleEvent(12, "progress.changed", { percent: 10, phase: "analysis", eta_seconds: 41 }),
  ]);
  expect(await screen.findByText(t.eta.seconds(40))).toBeTruthy();
  act(() => useConnection.setState({ lost: true }));
  expect(screen.getByText(/^as of /)).toBeTruthy();
  expect(screen.queryByText(t.eta.seconds(40))).toBeNull();
  expect(screen.queryByText(/^running for /)).toBeNull();
  act(() => useConnection.setState({ lost: false }));
  expect(screen.queryByText(/^as of /)).toBeNull();
});

test("asks somebody who searches the log, who may stay or go", async () => {
  const user = userEvent.setup();
  const page = show({ status: "running" });
  await user.type(screen.getByRole("textbox", { name: t.log.filter }), "card");
  await page.arrive(completed);
  await user.click(await screen.findByRole("button", { name: t.complete.stay }));
  expect(page.place()).toBe("/investigations/inv-1/progress");
  expect(screen.queryByText(t.complete.detail)).toBeNull();
  await user.click(screen.getByRole("link", { name: t.complete.show }));
  expect(page.place()).toBe(results);
});

test("a run that was complete before it was opened is left where it is", async () => {
  const page = show({ status: "completed", finished_at: at });
  await page.arrive([sampleEvent(11, "step.changed", { step: "progress" })]);
  expect(page.place()).toBe("/investigations/inv-1/progress");
});

test("a run that stopped says what happened, what is safe and what to do", () => {
  show({
    status: "error",
    error: { code: "dataset_unreadable", message: "No space left on the device", at },
  });
  const alert = screen.getByRole("alert").textContent;
  for (const text of ["No space left on the device", t.error.safe, t.error.todo, "dataset_unreadable"]) {
    expect(alert).toContain(text);
  }
});

test("work of a paused run is not shown as running", async () => {
  const page = show({ status: "running" });
  await page.arrive([
    sampleEvent(11, "phase.changed", { phase: "analysis", status: "running", percent: 0 }),
    sampleEvent(12, "tool.changed", { tool: "GEO-01", agent: "location", status: "running" }),
  ]);
  expect((await screen.findAllByText(t.work.running)).length).toBeGreaterThan(0);
  await page.arrive([sampleEvent(13, "status.changed", { from: "running", to: "paused", act: "pause" })]);
  expect((await screen.findAllByText(t.work.paused)).length).toBeGreaterThan(0);
  expect(screen.queryByText(t.work.running)).toBeNull();
  expect(screen.queryByText(t.checksFailed(1))).toBeNull();
  await page.arrive([
    sampleEvent(14, "tool.changed", {
      tool: "GEO-01",
      agent: "location",
      status: "failed",
      outcome: "failed",
      error: "out of memory",
    }),
  ]);
  expect(await screen.findByText(t.checksFailed(1))).toBeTruthy();
});

test("a draft is told to be started first", () => {
  show({ status: "draft" });
  expect(screen.getByRole("link", { name: t.toSettings }).getAttribute("href")).toBe(
    "/investigations/inv-1/settings",
  );
});
