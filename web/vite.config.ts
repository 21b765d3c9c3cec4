import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.OLORIN_DEV_SERVER ?? "http://127.0.0.1:8090";
const proxied = ["/api", "/auth", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];

/** Writes each script and style a second time, compressed as well as can be: the server hands that out as it is. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "dist" }) {
      for (const file of readdirSync(join(dir, "assets"))) {
        if (!/\.(js|css)$/.test(file)) continue;
        const path = join(dir, "assets", file);
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  server: {
    port: 5173,
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, ws: true }])),
  },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 1100, // kB; the compressed size of the first screen is held by a test
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // every file that the first screen waits for costs a request, which a slow processor feels: so it is one
            { name: "first", tags: ["$initial"] },
            // and one for what is small and everywhere, rather than one for each icon
            { name: "shared", test: /lucide-react|src\/(ui|app\/texts)/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    pool: "threads",
    testTimeout: 120_000,
    maxWorkers: 1,
  },
});
