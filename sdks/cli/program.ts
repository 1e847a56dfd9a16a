import { Command } from "commander";
import { registerAdd } from "./commands/add.ts";
import { registerAdmin } from "./commands/admin/admin.ts";
import { registerArchive } from "./commands/archive.ts";
import { registerAudit } from "./commands/audit.ts";
import { registerConsolidation } from "./commands/consolidation.ts";
import { registerContext } from "./commands/context.ts";
import { registerDelete } from "./commands/delete.ts";
import { registerExtraction } from "./commands/extraction.ts";
import { registerFeedback } from "./commands/feedback.ts";
import { registerGet } from "./commands/get.ts";
import { registerGraph } from "./commands/graph.ts";
import { registerHistory } from "./commands/history.ts";
import { registerImport } from "./commands/import.ts";
import { registerList } from "./commands/list.ts";
import { registerProfile } from "./commands/profile.ts";
import { registerReplay } from "./commands/replay.ts";
import { registerReviews } from "./commands/reviews.ts";
import { registerSearch } from "./commands/search.ts";
import { registerSession } from "./commands/session.ts";
import { registerStatus } from "./commands/status.ts";
import { registerUpdate } from "./commands/update.ts";
import { registerVersions } from "./commands/versions.ts";
import { parseNumber } from "./options.ts";
import type { Terminal } from "./terminal.ts";

const AFTER_HELP = `
The server is found through --url, MNEME_URL, or the run.json of a stack started with 'npm start': in MNEME_DATA_DIR, or
in .mneme in this folder or above; the key through --key-file, MNEME_API_KEY, or the same run.json. (--key shows the key
to whoever lists processes.) MNEME_PROJECT names the project as --project does.

Examples:
  $ mneme add --user ada --name Ada "I moved from Porto to Lisbon"
  $ mneme search --user ada "Where does Ada live?"
  $ mneme context --user ada "What shall we talk about?" --budget 300
  $ mneme list --user ada --json | jq -r '.memories[].text'

Exit codes: 0 done, 1 broke, 2 not understood, 3 not found, 4 not allowed, 5 not in this state, 6 not available,
7 not in time, 130 interrupted.`;

/** The whole command line; it throws instead of exiting. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("mneme")
    .description("Memory for AI agents, from the command line.")
    .option("--url <url>", "the server")
    .option("--key <key>", "the API key; better: MNEME_API_KEY or --key-file")
    .option("--key-file <file>", "a file that holds the API key")
    .option("--project <id>", "the project, for a key of the tenant; the default one if unset")
    .option("--json", "print JSON for programs")
    .option("--timeout <seconds>", "how long a call may take", parseNumber)
    .addHelpText("after", AFTER_HELP)
    .helpCommand("help [command]", "explain a command")
    .showHelpAfterError("(mneme help shows what there is)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // With --json, an error is written as JSON by whoever runs this.
      writeErr: (text) => program.opts().json !== true && terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns ?? 100,
    });
  registerAdd(program, terminal);
  registerSearch(program, terminal);
  registerContext(program, terminal);
  registerProfile(program, terminal);
  registerGraph(program, terminal);
  registerGet(program, terminal);
  registerList(program, terminal);
  registerUpdate(program, terminal);
  registerVersions(program, terminal);
  registerHistory(program, terminal);
  registerArchive(program, terminal);
  registerReviews(program, terminal);
  registerConsolidation(program, terminal);
  registerDelete(program, terminal);
  registerImport(program, terminal);
  registerExtraction(program, terminal);
  registerFeedback(program, terminal);
  registerSession(program, terminal);
  registerReplay(program, terminal);
  registerAdmin(program, terminal);
  registerAudit(program, terminal);
  registerStatus(program, terminal);
  return program;
}
