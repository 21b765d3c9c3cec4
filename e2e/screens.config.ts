import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

export default defineConfig(base, { testMatch: "screens.ts", timeout: 300_000, use: { actionTimeout: 20_000, navigationTimeout: 60_000 } });
