import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SETTING_PATHS } from "@mneme/cli/input/settings.ts";
import { Shell } from "@mneme/cli/test/shell.ts";
import { ROOT } from "@mneme/local/config.ts";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { Recorder } from "@mneme/sdk/test/recorder.ts";
import { expect, it } from "vitest";

/** A table's rows, of which the cells are apart. */
function rowsBelow(heading: string): string[][] {
  const lines = readFileSync(join(ROOT, "docs/settings.md"), "utf8").split("\n");
  const from = lines.findIndex((line) => line.startsWith(heading)) + 2;
  const to = lines.findIndex((line, i) => i >= from && !line.startsWith("|"));
  return lines.slice(from, to).map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

const codeIn = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
const forms = rowsBelow("| value |");

it("tells of each setting what it does", () => {
  const told = rowsBelow("| setting | effect").flatMap(([, cell]) => {
    const [first = "", ...others] = codeIn(cell);
    return [first, ...others.map((one) => (one.startsWith(".") ? first.split(".")[0] + one : one))];
  });
  expect(told.toSorted()).toEqual(SETTING_PATHS.toSorted());
});

it("tells of each setting once in what words it is given", () => {
  const told = forms.flatMap(([, , settings]) => codeIn(settings));
  expect(told.toSorted()).toEqual(SETTING_PATHS.toSorted());
});

it.each(forms.map(([, , settings, example]) => [codeIn(example)[0] ?? "", codeIn(settings)] as const))(
  "is right that this can be set: %s",
  async (example, settings) => {
    const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
    expect(settings).toContain(words[0]);
    const recorder = new Recorder([TenancyService]);
    recorder.answers.UpdateTenant = { tenant: { tenantId: "0197a0a0-0000-7000-8000-000000000000" } };
    await using shell = await Shell.open(recorder.routes);
    const env = { MNEME_URL: shell.url, MNEME_API_KEY: "key" };
    const ran = await shell.run(["admin", "settings", "set", ...words], { env });
    expect(ran).toMatchObject({ code: 0, err: "" });
    expect(recorder.calls.map(({ method }) => method)).toEqual(["UpdateTenant"]);
  },
);
