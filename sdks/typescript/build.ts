import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { build, type Plugin } from "rolldown";

/**
 * Builds `dist/` (or the folder named on the command line), a package that stands alone: JavaScript with the generated protos inside, declarations, and a
 * package.json of its own. The browser's build holds its dependencies too, so that a script tag can load it.
 */
const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = resolve(process.argv[2] ?? join(HERE, "dist"));
const manifest = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));
const { "@mneme/proto": _bundled, ...dependencies } = manifest.dependencies;

/** Only servers check by these files; their rules were a quarter of the browser's build. */
const RULES = /(buf\/validate\/validate|mneme\/options\/v1\/text_rules)_pb\.js$/;

/** Leaves such files empty, so that those that import them find them. */
const withoutRules: Plugin = {
  name: "without-rules",
  load(path) {
    const name = RULES.exec(path)?.[1];
    if (name === undefined) return null;
    const file = create(FileDescriptorProtoSchema, { name: `${name}.proto` });
    return `import { fileDesc } from "@bufbuild/protobuf/codegenv2";
      export const file_${name.replaceAll("/", "_")} =
        /*@__PURE__*/ fileDesc("${base64Encode(toBinary(FileDescriptorProtoSchema, file))}");`;
  },
};

rmSync(DIST, { recursive: true, force: true });
await build({
  input: join(HERE, "node.ts"),
  platform: "node",
  plugins: [withoutRules],
  external: Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`)),
  output: { file: join(DIST, "node.js"), format: "esm", sourcemap: true },
  logLevel: "warn",
});
await build({
  input: join(HERE, "browser.ts"),
  platform: "browser",
  plugins: [withoutRules],
  output: { file: join(DIST, "browser.js"), format: "esm", sourcemap: true, minify: true },
  logLevel: "warn",
});
emitDeclarations();
writeFileSync(join(DIST, "package.json"), `${JSON.stringify(published(), null, 2)}\n`);
copyFileSync(join(HERE, "README.md"), join(DIST, "README.md"));

/** Emits declarations, and keeps those that the entries reach. */
function emitDeclarations() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", join(HERE, "tsconfig.build.json"), "--outDir", DIST], {
    stdio: "inherit",
  });
  const reached = new Set<string>();
  for (const entry of ["node.d.ts", "browser.d.ts"]) reach(join(DIST, entry), reached);
  for (const file of declarations(DIST)) {
    if (!reached.has(file)) rmSync(file);
  }
}

function reach(file: string, reached: Set<string>) {
  if (reached.has(file)) return;
  reached.add(file);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(/(from ")(\.[^"]*)\.ts"/g, '$1$2.js"'));
  for (const [, path = ""] of text.matchAll(/from "(\.[^"]*)\.ts"/g))
    reach(join(dirname(file), `${path}.d.ts`), reached);
}

function declarations(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(".d.ts") && statSync(path).isFile());
}

function published() {
  const { name, version, license, type } = manifest;
  const node = { types: "./node.d.ts", default: "./node.js" };
  const browser = { types: "./browser.d.ts", default: "./browser.js" };
  return {
    name,
    version,
    license,
    type,
    description: "Mneme's client for Node and browsers: durable, dated, sourced memory for AI agents.",
    engines: { node: ">=20.19" },
    sideEffects: false,
    exports: {
      ".": { browser, ...node },
      "./node": node,
      "./browser": browser,
      "./package.json": "./package.json",
    },
    dependencies,
  };
}
