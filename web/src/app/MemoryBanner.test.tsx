import { useQuery } from "@tanstack/react-query";
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Health } from "../api/health";
import { useConnection } from "../sync/connection";
import { showPage, stubBrowser, stubServer } from "../testing/page";
import { MemoryBanner } from "./MemoryBanner";

beforeAll(stubBrowser);
afterEach(cleanup);

const Told = () => useQuery<Health>({ queryKey: ["health"], enabled: false }).data?.durability;

test("while the server holds changes in memory every screen says so, and how many", async () => {
  stubServer((path) =>
    path === "/readyz"
      ? { status: "ok", durability: "memory", held_changes: 3, held_since: "2026-11-22T09:00:00.000Z" }
      : undefined,
  );
  showPage(<MemoryBanner />, "/", "/");
  expect((await screen.findByRole("alert")).textContent).toMatch(
    /holds changes in memory.*3 changes are held/,
  );
});

test("while writes are durable nothing is said", async () => {
  const asked = stubServer(() => ({ status: "ok", durability: "durable" }));
  showPage(<MemoryBanner />, "/", "/");
  await expect.poll(() => asked).toEqual(["GET /readyz"]);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a save that is held has the server asked at once", async () => {
  let durability = "durable";
  const asked = stubServer(() => ({ status: "ok", durability }));
  showPage([<MemoryBanner key="banner" />, <Told key="told" />], "/", "/");
  await screen.findByText("durable");
  durability = "memory";
  act(() => useConnection.setState({ inMemory: true }));
  expect(await screen.findByRole("alert")).toBeTruthy();
  expect(asked).toHaveLength(2);
  act(() => useConnection.setState({ inMemory: false }));
});
