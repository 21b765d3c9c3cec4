import { test as base } from "@playwright/test";
import { Server } from "./server.ts";

/**
 * `server` is shared by the tests of a run. A test that kills its server, or
 * that needs one of its own, starts it by `Server.start()` and stops it.
 */
export const test = base.extend<object, { server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are needed.
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server.url),
});

export { expect } from "@playwright/test";
