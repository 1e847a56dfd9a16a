import { type Fetching, findTool, runTool, ToolError } from "../tool.ts";

/**
 * Downloads one wheel, without what it depends on, into a folder.
 * @throws ToolError when there is no pip, or the download fails.
 */
export async function pipDownload(
  requirement: string,
  folder: string,
  { onDetail, signal }: Fetching,
): Promise<void> {
  const args = ["download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "--dest", folder];
  const [command, ...first] = await pip();
  await runTool(command, [...first, ...args, requirement], {
    timeoutMs: 600_000,
    cwd: folder,
    onDetail,
    signal,
  });
}

async function pip(): Promise<[string, ...string[]]> {
  for (const name of ["pip3", "pip"]) {
    const path = findTool(name);
    if (path !== undefined && (await works(path, ["--version"]))) return [path];
  }
  const python = findTool("python3");
  if (python !== undefined && (await works(python, ["-m", "pip", "--version"]))) return [python, "-m", "pip"];
  throw new ToolError(
    "pip is missing: install Python 3 with pip (Debian: apt-get install python3-pip; macOS: brew install python).",
  );
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  return await runTool(command, args, { timeoutMs: 60_000 }).then(
    () => true,
    () => false,
  );
}
