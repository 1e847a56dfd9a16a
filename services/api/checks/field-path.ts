import type { Path } from "@bufbuild/protobuf/reflect";

/** Keys that read like an identifier may be shown; others could be anything and are not. */
const SHOWABLE_KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** A path as the documentation writes it, e.g. `messages[3].tool_calls[0].name` or `metadata["source"]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (step.kind === "list_sub") text += `[${step.index}]`;
    else if (step.kind === "map_sub") text += keyStep(step.key);
    else if (step.kind === "extension") text += `[${step.typeName}]`;
    else text += text === "" ? step.name : `.${step.name}`;
  }
  return text;
}

/** The step into a map. */
export function keyStep(key: unknown): string {
  return typeof key === "string" && !SHOWABLE_KEY.test(key) ? "[...]" : `[${JSON.stringify(String(key))}]`;
}
