// Runs an entry of this repository on the Node it is written for, whatever Node the machine has:
// installs the dependencies when they are absent or older than the lock file, then starts node_modules' own Node.
// Plain JavaScript for Node 20, with nothing but Node's own modules: at this point there may be nothing else.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const MODULES = join(ROOT, "node_modules");
const BIN = join(MODULES, ".bin");
const LOCK = join(ROOT, "package-lock.json");
/** The lock file that was installed, word for word. */
const STAMP = join(MODULES, ".mneme-installed-lock.json");
const OLDEST_NODE = [20, 19];

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) fail("usage: node deploy/local/bootstrap.mjs ENTRY [ARGUMENTS]");
requireNode();
if (!installed()) {
  alone(() => {
    if (!installed()) install();
  });
}
run(entry, args);

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantMajor = 0, wantMinor = 0] = OLDEST_NODE;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  fail(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join(".")} or newer.`);
}

function installed() {
  if (!existsSync(join(BIN, "node")) && !existsSync(join(BIN, "node.cmd"))) return false;
  const wanted = readFileSync(LOCK, "utf8");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return true;
  if (!describesWhatIsThere(JSON.parse(wanted))) return false;
  writeFileSync(STAMP, wanted);
  return true;
}

/** Whether npm's own note of what it installed (somebody ran `npm ci` or `npm install` by hand) fits the lock file. */
function describesWhatIsThere(wanted) {
  const note = join(MODULES, ".package-lock.json");
  if (!existsSync(note)) return false;
  const there = JSON.parse(readFileSync(note, "utf8")).packages;
  return Object.entries(wanted.packages).every(
    ([path, { version, optional, link }]) =>
      path === "" ||
      !path.startsWith("node_modules/") ||
      link ||
      optional ||
      there[path]?.version === version,
  );
}

function install() {
  console.error("Installing the dependencies (npm ci); this happens once, and again when they change.");
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const { status, error } = spawnSync(
    command,
    [...first, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: ROOT,
      // The CPU binaries ride in the package; an npm that knows no allowScripts would let it reach for a GPU build.
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" },
      // Standard output belongs to the entry: it may be JSON.
      stdio: ["ignore", 2, 2],
    },
  );
  if (error !== undefined) fail(`npm cannot be run: ${error.message}`);
  if (status !== 0) fail("npm ci failed; what it says stands above.", status ?? 1);
  rmSync(STAMP, { force: true });
  writeFileSync(STAMP, readFileSync(LOCK, "utf8"));
}

/** Only one process of this checkout installs; others wait, and find it done. */
function alone(work) {
  const lock = join(ROOT, ".mneme", "installing");
  mkdirSync(dirname(lock), { recursive: true });
  while (!take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (abandoned(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function abandoned(lock) {
  try {
    const holder = Number(readFileSync(lock, "utf8"));
    // A lock without a number is being written this moment, or its writer died while writing it.
    return holder > 0 ? !alive(holder) : Date.now() - statSync(lock).mtimeMs > 5000;
  } catch {
    return false;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function run(file, rest) {
  // The channel tells the child when this process is gone, kill -9 included.
  const child = spawn(join(BIN, "node"), [join(ROOT, file), ...rest], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ""}` },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // Ctrl-C reaches the whole foreground group by itself: the child may hear it twice, and takes that for one.
    process.on(signal, () => child.kill(signal));
  }
  if (process.env.npm_lifecycle_event !== undefined) followNpm(child);
  child.on("error", (error) => fail(`Node 24 cannot be run: ${error.message}`));
  child.on("exit", (code, signal) =>
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
  );
}

/** npm passes nothing on when it is killed outright; then this process, which npm's shell became, gets another parent. */
function followNpm(child) {
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) child.kill("SIGTERM");
  }, 1000).unref();
}

function fail(message, status = 1) {
  console.error(message);
  process.exit(status);
}
