import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { expect, it } from "vitest";

const pages = ["README.md", ...globSync("{docs,sdks}/**/*.md", { cwd: ROOT, exclude: ["**/node_modules"] })];
const textOf = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** What a heading is linked by. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (page: string) =>
  new Set([...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading)));

it.each(pages)("%s links to what is there", (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
  });
  expect(broken).toEqual([]);
});

it.each(pages.filter((page) => /^docs\/security/.test(page)))("%s names tests that there are", (page) => {
  const named = [...textOf(page).matchAll(/`([^`\s]+\.test\.ts)`/g)].map(([, path = ""]) => path);
  expect(named.filter((path) => globSync(path, { cwd: ROOT }).length === 0)).toEqual([]);
});
