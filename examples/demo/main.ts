import { sentenceOf, toFailure } from "@mneme/cli/failure.ts";
import { callersFolder } from "@mneme/cli/terminal.ts";
import { MnemeError } from "@mneme/sdk";
import { demo } from "./demo.ts";
import { HELP, readOptions } from "./options.ts";
import { connectOrStart } from "./stack.ts";

const { env, stdin, stdout, stderr } = process;
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else {
    await using stack = await connectOrStart((text) => stderr.write(`${text}\n`), stop.signal);
    await demo(stack, options, {
      env,
      cwd: callersFolder("demo"),
      stdin,
      stdout,
      stderr,
      signal: stop.signal,
    });
  }
} catch (error) {
  const interrupted = stop.signal.aborted;
  const known = error instanceof MnemeError ? sentenceOf(toFailure(error)) : (error as Error).message;
  stderr.write(`\n${interrupted ? "Interrupted." : known}\n`);
  process.exitCode = interrupted ? 130 : 1;
}
