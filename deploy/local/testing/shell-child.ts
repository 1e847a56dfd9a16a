import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ChildSpec } from "../child.ts";

/** How children of tests are made that work in a folder. */
export interface ShellChildren {
  /** A shell that is ready once it has made the file of its name. */
  shell(name: string, script: string, extra?: Partial<ChildSpec>): ChildSpec;
  /** One that makes its file and then stays. */
  server(name: string, extra?: Partial<ChildSpec>): ChildSpec;
}

export function shellChildren(folder: string): ShellChildren {
  const shell: ShellChildren["shell"] = (name, script, extra = {}) => ({
    name,
    command: "sh",
    args: ["-c", script],
    env: { PATH: process.env.PATH },
    cwd: folder,
    logFile: join(folder, "logs", `${name}.log`),
    stopSignal: "SIGTERM",
    stopMs: 5000,
    ready: async () => existsSync(join(folder, name)),
    readyMs: 5000,
    showLog: "all",
    ...extra,
  });
  const server: ShellChildren["server"] = (name, extra) =>
    shell(name, `touch ${name}; while :; do sleep 0.05; done`, extra);
  return { shell, server };
}
