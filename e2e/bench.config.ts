import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

export default defineConfig(base, { testMatch: "*.bench.ts", workers: 1, timeout: 300_000 });
