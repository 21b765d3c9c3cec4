import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** The catalogue: the frame's texts, and those of each feature under its name. */
const catalogue = import.meta.glob<{ t: unknown }>("./**/texts.ts", { eager: true });

/** Attributes that a person reads or hears. */
const read =
  /^(label|title|placeholder|description|alt|hint|aria-label|aria-description|aria-roledescription)$/;

const files = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx$/.test(path) && !/\.test\./.test(path) ? [path] : [];
  });

test("every text that a person reads stands in the catalogue, none in a component", () => {
  const loose: string[] = [];
  for (const path of files("src")) {
    const source = ts.createSourceFile(
      path,
      readFileSync(path, "utf8"),
      ts.ScriptTarget.Latest,
      true,
      ts.ScriptKind.TSX,
    );
    const visit = (node: ts.Node): void => {
      const at = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      if (ts.isJsxText(node) && /\p{L}{2,}/u.test(node.text)) loose.push(`${at}: ${node.text.trim()}`);
      if (
        ts.isJsxAttribute(node) &&
        read.test(node.name.getText()) &&
        node.initializer &&
        ts.isStringLiteral(node.initializer) &&
        /\p{L}{2,}/u.test(node.initializer.text)
      ) {
        loose.push(`${at}: ${node.getText()}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  expect(loose).toEqual([]);
});

test("no text of the catalogue is empty", () => {
  const empty: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value === "string") {
      if (value.trim() === "") empty.push(path);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) look(inner, `${path}.${name}`);
    } else if (typeof value !== "function") {
      empty.push(path);
    }
  };
  for (const [path, { t }] of Object.entries(catalogue)) look(t, path);
  expect(Object.keys(catalogue).length).toBeGreaterThan(3);
  expect(empty).toEqual([]);
});
