import type { MadeApiKey } from "@mneme/sdk";
import type { Context } from "../../action.ts";

/**
 * Prints a new key: its secret alone on standard output, so that `KEY=$(mneme admin key create ...)` keeps it, and what
 * is to be known of it beside.
 *
 * @param described for people.
 */
export function printMadeKey({ print }: Pick<Context, "print">, made: MadeApiKey, described: string): void {
  print.note(described);
  if (made.secret === undefined && !print.json) {
    print.note(
      `\nIts secret went with an earlier answer. If that was lost: mneme admin key rotate ${made.apiKey.id} --overlap 0`,
    );
    return;
  }
  if (!print.json) print.note("");
  print.result(made, () => made.secret ?? "");
  print.note("Keep the secret now: it is not shown again.");
}
