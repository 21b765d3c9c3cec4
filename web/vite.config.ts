import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.OLORIN_DEV_SERVER ?? "http://127.0.0.1:8090";
const proxied = ["/api", "/auth", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];

export default defineConfig({
  plugins: [react()],
  server: {
    port: 5173,
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, ws: true }])),
  },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    pool: "threads",
    maxWorkers: 1,
  },
});
