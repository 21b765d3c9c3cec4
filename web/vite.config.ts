import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.OLORIN_DEV_SERVER ?? "http://127.0.0.1:8090";
const proxied = ["/api", "/auth", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];

/** Libraries of hundreds of kilobytes of which a picture needs a part. */
const libraries = /^(LinkGraph|PlacesMap)-/;

/**
 * Has the browser compile each script whole while it comes, beside the page's thread, not function by function on it; and writes each
 * script and style a second time, compressed as well as can be: the server hands that out as it is.
 */
function finished(): Plugin {
  return {
    name: "finished",
    apply: "build",
    writeBundle({ dir = "dist" }) {
      for (const file of readdirSync(join(dir, "assets"))) {
        if (!/\.(js|css)$/.test(file)) continue;
        const path = join(dir, "assets", file);
        if (file.endsWith(".js") && !libraries.test(file))
          writeFileSync(path, `//# allFunctionsCalledOnLoad\n${readFileSync(path, "utf8")}`);
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path)));
      }
    },
  };
}

/** The files of pages, and of the steps of an investigation's, by the names that public/early.js asks for them by. */
const pageFiles = {
  page: "src/features/wizard/InvestigationPage.tsx",
  settings: "src/features/wizard/SettingsStep.tsx",
  progress: "src/features/progress/ProgressStep.tsx",
  results: "src/features/results/ResultsStep.tsx",
  templates: "src/features/templates/TemplatesPage.tsx",
  datasets: "src/features/datasets/DatasetsPage.tsx",
};

/** Tells early.js in index.html what those files came to be called. */
function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const needs = (name: string, seen = new Set<string>()): Set<string> => {
          const chunk = chunks.find(({ fileName }) => fileName === name);
          if (!chunk || chunk.isEntry || seen.has(name)) return seen;
          seen.add(name);
          for (const style of chunk.viteMetadata?.importedCss ?? []) seen.add(style);
          for (const file of chunk.imports) needs(file, seen);
          return seen;
        };
        const files = Object.entries(pageFiles).map(([page, source]) => {
          const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/${source}`));
          if (!chunk) throw new Error(`${source} has no file of its own`);
          return [page, [...needs(chunk.fileName)].map((file) => `/${file}`)];
        });
        const marked = `<script src="/early.js" data-files='${JSON.stringify(Object.fromEntries(files))}'>`;
        return html.replace('<script src="/early.js">', marked);
      },
    },
  };
}

/**
 * Holds src/app/mantine.css against what is built: it names the style sheets of the components in use, each after those it builds on, for
 * all of them are twice as much.
 */
function mantineStyles(): Plugin {
  return {
    name: "mantine-styles",
    apply: "build",
    generateBundle(_, bundle) {
      const told = readFileSync("src/app/mantine.css", "utf8");
      const used = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const sheets = used.flatMap((id) => /@mantine\/core\/.*\/(\w+)\.module\.mjs$/.exec(id)?.[1] ?? []);
      const missing = [...new Set(sheets)].filter((name) => !told.includes(`styles/${name}.css`));
      const idle = [...told.matchAll(/styles\/([A-Z]\w*)\.css/g)].flatMap(([, name]) =>
        name && !sheets.includes(name) ? name : [],
      );
      if (missing.length + idle.length > 0)
        this.error(
          `src/app/mantine.css lacks the styles of [${missing.sort()}] and has those of [${idle}], which nothing uses`,
        );
    },
  };
}

export default defineConfig({
  plugins: [react(), mantineStyles(), early(), finished()],
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
            // what several pages know of the server
            { name: "known", test: /src\/(sync|api)\//, minShareCount: 2 },
            // menus, fields and dialogs, of which nearly every page needs some
            { name: "parts", test: /node_modules/, minShareCount: 4 },
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
