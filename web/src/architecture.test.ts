import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve("src");

/** The room of a file: "api", "sync", "ui", "features/wizard", "app" … */
function roomOf(file: string): string {
  const [first = "", second = ""] = relative(root, file).split("/");
  return first === "features" ? `features/${second}` : first;
}

/** What a room may import besides itself. The catalogue of texts belongs to everybody. */
function allowed(room: string, target: string, file: string): boolean {
  if (room === target || room === "app" || room === "testing" || room === "main.tsx") return true;
  if (relative(root, file) === "app/texts") return room !== "api";
  if (room.startsWith("features/")) return ["sync", "api", "ui"].includes(target);
  // ui is what screens are made of: it knows the shapes, not where they come from
  return room === "sync" || room === "ui" ? target === "api" : false;
}

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => join(root, name));

const imports = files.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => ({
    file,
    target: resolve(dirname(file), match[1] ?? ""),
  })),
);

test("imports run one way: app, features, sync, api; features never import each other", () => {
  expect(imports.length).toBeGreaterThan(100);
  const wrong = imports
    .filter(({ file, target }) => !allowed(roomOf(file), roomOf(target), target))
    .map(({ file, target }) => `${relative(root, file)} imports ${relative(root, target)}`);
  expect(wrong).toEqual([]);
});

test("what comes in is parsed, never cast", () => {
  const casts = files
    .filter((file) => /^(api|sync)\b/.test(relative(root, file)))
    .flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => /\bas (?!const\b|keyof\b|\w+\()[A-Z]\w*/.test(line) && !/^import|\* as /.test(line))
        .map((line) => `${relative(root, file)}: ${line.trim()}`),
    );
  expect(casts).toEqual([]);
});
