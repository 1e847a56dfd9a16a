import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { type ESTree, parseSync, Visitor } from "rolldown/utils";
import { expect, it } from "vitest";

/** The linter judges imports by a package's name: a path that leads out of a package would get past it. */
const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly workspaces: readonly string[];
};

const SOURCES = "**/*.{ts,mts,js,mjs}";
const FOREIGN = ["**/node_modules/**", "**/dist/**"];

/** What a file imports, types and imports at run time included. */
function importsOf(file: string, source: string): string[] {
  const found: string[] = [];
  const note = (from: ESTree.Expression | null) => {
    if (from?.type === "Literal" && typeof from.value === "string") found.push(from.value);
  };
  const { errors, program } = parseSync(file, source);
  expect(errors, file).toEqual([]);
  new Visitor({
    ImportDeclaration: (node) => note(node.source),
    ExportNamedDeclaration: (node) => note(node.source),
    ExportAllDeclaration: (node) => note(node.source),
    ImportExpression: (node) => note(node.source),
    TSImportType: (node) => note(node.source),
  }).visit(program);
  return found;
}

/** The imports of a package's file that lead out of the package by a path. */
function leaving(workspace: string, file: string, source: string): string[] {
  return importsOf(file, source).filter(
    (from) =>
      from.startsWith(".") && relative(join(ROOT, workspace), resolve(dirname(file), from)).startsWith(".."),
  );
}

it.each(workspaces)("%s names the packages that it imports", (workspace) => {
  const files = globSync(SOURCES, { cwd: join(ROOT, workspace), exclude: FOREIGN });
  expect(files.length).toBeGreaterThan(0);
  const astray = files.flatMap((name) => {
    const file = join(ROOT, workspace, name);
    return leaving(workspace, file, readFileSync(file, "utf8")).map((from) => `${name}: ${from}`);
  });
  expect(astray).toEqual([]);
});

it.each([
  'import { createPool } from "../../postgres/pool.ts";',
  'import type { Pool } from "../../postgres/pool.ts";',
  'import "../memory/../../postgres/pool.ts";',
  'export { createPool } from "../../postgres/pool.ts";',
  'export * from "../../postgres/pool.ts";',
  'const pool = await import("../../postgres/pool.ts");',
  'let pool: import("../../postgres/pool.ts").Pool;',
])("finds what leaves its package in %s", (source) => {
  expect(leaving("services/core", join(ROOT, "services/core/search/reindex.ts"), source)).toHaveLength(1);
});

it("lets a package import its own files and others by name", () => {
  const source = 'import "../errors.ts"; import "./words.ts"; import "@mneme/proto/x.js"; import "node:fs";';
  expect(leaving("services/core", join(ROOT, "services/core/search/reindex.ts"), source)).toEqual([]);
});
