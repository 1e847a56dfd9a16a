import { parseArgs } from "node:util";

/** What the demo is asked to do. */
export interface DemoOptions {
  /** A LoCoMo-format file; undefined means the bundled conversation. */
  readonly file: string | undefined;
  /** How many questions to ask of a conversation, spread evenly; undefined means all, at most 20. */
  readonly questions: number | undefined;
  /** How many conversations of the file to play. */
  readonly conversations: number;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: npm run demo -- [FILE] [options]

Plays a conversation of several months into Mneme, message by message, asks questions about it, and shows the memories
found, what their scores are made of, and the messages they come from. Uses the server that MNEME_URL or a started
'npm start' names, or starts a stack and stops it at the end.

  FILE                 a conversation, or a list of them, in LoCoMo's format; one is bundled
  --questions N        ask this many of each conversation (all, at most 20)
  --conversations N    play this many of the file's conversations (1)
  --json               print one JSON document for programs
  --help               show this

Examples:
  npm run demo
  npm run demo -- locomo10.json --questions 5
  npm run -s demo -- --json > demo.json`;

/** @throws Error saying in one sentence what is wrong with the arguments. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      questions: { type: "string" },
      conversations: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (positionals.length > 1) throw new Error("Name one file at most.");
  return {
    file: positionals[0],
    questions: values.questions === undefined ? undefined : count("--questions", values.questions),
    conversations: count("--conversations", values.conversations),
    json: values.json,
    help: values.help,
  };
}

function count(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${name} must be a whole number above 0.`);
}
