import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DescFile } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { PERMISSIONS_OF } from "@mneme/core/tenancy/roles.ts";
import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { file_mneme_options_v1_options, Permission } from "@mneme/proto/mneme/options/v1/options_pb.js";
import { expect, test } from "vitest";
import { ROLES } from "./convert/api-key.ts";
import { permissionOf } from "./interceptors/authentication.ts";
import type { RouteDeps } from "./routes/deps.ts";
import { productServices } from "./routes/register.ts";

/** Every generated file of ours, whether anything is served of it or not. */
async function generatedFiles(): Promise<DescFile[]> {
  const options = import.meta.resolve("@mneme/proto/mneme/options/v1/options_pb.js");
  const folder = join(dirname(fileURLToPath(options)), "../..");
  const modules = globSync("**/*_pb.js", { cwd: folder }).map(
    (path) => import(pathToFileURL(join(folder, path)).href) as Promise<Record<string, unknown>>,
  );
  const exported = (await Promise.all(modules)).flatMap((module) => Object.values(module));
  return exported.filter(
    (value): value is DescFile => (value as { kind?: string } | undefined)?.kind === "file",
  );
}

const files = await generatedFiles();
const services = files.flatMap((file) => file.services);
const methods = services.flatMap((service) => service.methods);
const nameOf = ({ parent, name }: (typeof methods)[number]) => `${parent.typeName}/${name}`;
const names = <T extends object>(numbers: T) =>
  Object.keys(numbers).filter((name) => Number.isNaN(Number(name)) && name !== "UNSPECIFIED");

test("every RPC of the protos states a permission and how it may be repeated", () => {
  expect(files.map(({ name }) => name)).toContain(file_mneme_options_v1_options.name);
  expect(methods.length).toBeGreaterThan(50);
  expect(methods.filter((method) => permissionOf(method) === undefined).map(nameOf)).toEqual([]);
  const unstated = methods.filter(({ idempotency }) => idempotency === Level.IDEMPOTENCY_UNKNOWN);
  expect(unstated.map(nameOf)).toEqual([]);
});

test("every service of the protos is served", () => {
  const served = productServices({} as RouteDeps).map(({ service }) => service.typeName);
  expect(served.sort()).toEqual(services.map(({ typeName }) => typeName).sort());
});

test("every permission is asked for by an RPC and held by a role, and roles hold no other", () => {
  const permissions = names(Permission).sort();
  expect([...new Set(methods.map(permissionOf))].sort()).toEqual(permissions);
  expect([...new Set(Object.values(PERMISSIONS_OF).flat())].sort()).toEqual(permissions);
});

test("every role of the protos is one of ours", () => {
  const wire = (Object.keys(PERMISSIONS_OF) as (keyof typeof ROLES)[]).map((role) => ROLES[role]);
  expect(wire.map((role) => Role[role]).sort()).toEqual(names(Role).sort());
});

test("the documented table says what each role may do", () => {
  const text = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| [^|]+ \| ([A-Z_, ]+) \|$/gm)];
  const told = Object.fromEntries(rows.map(([, role = "", list = ""]) => [role, list.split(", ").sort()]));
  const held = Object.entries(PERMISSIONS_OF).map(([role, list]) => [role, [...list].sort()]);
  expect(told).toEqual(Object.fromEntries(held));
});
