import { expect, test } from "./fixtures.ts";
import { Server } from "./server.ts";

test("the server is alive and its page loads", async ({ page, request }) => {
  const alive = await request.get("/healthz");
  expect(alive.status()).toBe(200);

  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto("/");
  await expect(page).toHaveTitle(/Olorin/);
  await expect(page.getByLabel(/password/i).first()).toBeVisible();
  expect(faults).toEqual([]);
});

test("a killed server comes back at the same address with the same users", async ({ request }) => {
  const server = await Server.start();
  try {
    const address = server.url;
    await server.kill9();
    await expect(request.get(`${address}/healthz`)).rejects.toThrow();
    await server.restart();
    expect(server.url).toBe(address);
    const login = await request.post(`${address}/api/v1/auth/login`, {
      data: { username: server.analyst.name, password: server.analyst.password },
    });
    expect(login.status()).toBe(200);
  } finally {
    await server.stop();
  }
});
