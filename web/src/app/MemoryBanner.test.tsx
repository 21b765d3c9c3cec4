import { cleanup, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test } from "vitest";
import { showPage, stubBrowser, stubServer } from "../testing/page";
import { MemoryBanner } from "./MemoryBanner";

beforeAll(stubBrowser);
afterEach(cleanup);

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
