import { renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { persist, useAwaited } from "./later";

afterEach(() => vi.unstubAllGlobals());

test("a file that does not come is asked for until the server is back, at once when the network is, and given up only where the server lacks it", async () => {
  let alive = false;
  const asked = vi.fn(async () => (alive ? new Response("ok") : Promise.reject(new TypeError("away"))));
  vi.stubGlobal("fetch", asked);
  const file = vi.fn(async () => (alive ? "here" : Promise.reject(new TypeError("Failed to fetch"))));
  const come = persist(file);
  await expect.poll(() => asked.mock.calls.length).toBe(1);
  const { result, unmount } = renderHook(useAwaited);
  await waitFor(() => expect(result.current).toBe(true));
  alive = true;
  window.dispatchEvent(new Event("online"));
  expect(await come).toBe("here");
  await waitFor(() => expect(result.current).toBe(false));
  unmount();

  const gone = vi.fn(async () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(persist(gone)).rejects.toThrow("Failed to fetch");
  expect(gone).toHaveBeenCalledTimes(2); // the server may have come back only just
});
