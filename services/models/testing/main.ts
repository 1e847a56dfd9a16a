/** The scripted server as a process: listens on MNEME_SCRIPTED_OPENAI_PORT of loopback until it is told to stop. */
import { startScriptedOpenAi } from "./scripted-server.ts";

const server = await startScriptedOpenAi({ port: Number(process.env.MNEME_SCRIPTED_OPENAI_PORT ?? 0) });
process.stdout.write(`${server.baseUrl}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void server[Symbol.asyncDispose]());
}
