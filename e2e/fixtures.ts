import { test as base } from "@playwright/test";
import { Server } from "./server.ts";

/**
 * `server` is shared by the tests of a run. A test that kills its server, or
 * that needs one of its own, starts it by `Server.start()` and stops it.
 */
export const test = base.extend<object, { server: Server; sample: number; env: Record<string, string> }>({
  /** Rows of the sample data that the server begins with; a spec that sets it has a server of its own. */
  sample: [0, { scope: "worker", option: true }],
  /** Added to the environment of the server, which is then one of the spec's own. */
  env: [{}, { scope: "worker", option: true }],
  server: [
    async ({ sample, env }, use) => {
      const server = await Server.start({ env });
      if (sample > 0) await server.addSample(sample);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server.url),
});

export { expect } from "@playwright/test";
