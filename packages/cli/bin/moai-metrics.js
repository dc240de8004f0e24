#!/usr/bin/env node
// The launcher. Plain JavaScript that Node 14 can parse, because its first duty is to say that a Node is too old:
// the programme itself and its native SQLite module must not even be loaded by one.
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const published = join(here, "..", "dist", "main.js");
const source = join(here, "..", "src", "main.ts");
const isPublished = existsSync(published);

/** Node 22.15 is the oldest that the OpenTelemetry SDK supports; the sources of a checkout also need type stripping. */
const oldestMinorOf22 = isPublished ? 15 : 18;

function isRecentEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= oldestMinorOf22);
}

/** The nearest `node_modules/node`, the npm package that carries a Node, and whether its install script has run. */
function findCarriedNode() {
  for (let folder = here; ; folder = dirname(folder)) {
    const root = join(folder, "node_modules", "node");
    if (existsSync(join(root, "package.json"))) {
      const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
      const binary = join(root, "bin", process.platform === "win32" ? "node.exe" : "node");
      if (isRecentEnough(version)) return { binary, isInstalled: existsSync(binary) };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Runs this file again with another Node, as if it had been started by it: same streams, signals and exit code. */
async function runWith(binary) {
  // Loading it takes milliseconds, and only those need it who have an old Node.
  const { spawn } = await import("node:child_process");
  const child = spawn(binary, process.argv.slice(1), { stdio: "inherit" });
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the child as well; a second one would mean "at once".
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => fail(`cannot start ${binary}: ${error.message}. Type: npm rebuild node`));
  child.on("exit", (code, signal) => {
    for (const name of signals) process.removeListener(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
}

/** An agent calls its hooks without anyone who reads along, and must not be disturbed by them. */
const isHook = process.argv[2] === "hook";

function fail(message) {
  if (isHook) return;
  process.stderr.write(`moai-metrics: ${message}\n`);
  process.exitCode = 1;
}

/** The reader has gone (`| head`): there is nobody left to tell. */
function endWithReader() {
  process.stdout.on("error", (error) => {
    if (error.code === "EPIPE") process.exit(0);
    process.stderr.write(`moai-metrics: cannot write the output: ${error.message}\n`);
    process.exit(1);
  });
}

function start() {
  // The status line writes without a stream, because making one takes milliseconds; a hook writes nothing.
  if (process.argv[2] !== "statusline" && !isHook) endWithReader();
  module.enableCompileCache();
  void import(pathToFileURL(isPublished ? published : source).href)
    .then(({ main }) => main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code;
    })
    .catch((error) => {
      if (!isHook) throw error;
    });
}

if (isRecentEnough(process.versions.node)) {
  start();
} else {
  const carried = findCarriedNode();
  if (carried?.isInstalled) {
    void runWith(carried.binary);
  } else if (carried) {
    fail(
      `Node ${process.versions.node} is too old, and install scripts were off. Type: npm rebuild node --ignore-scripts=false`,
    );
  } else {
    const remedy = isPublished ? "npx -y -p node@24 -p moai-metrics moai-metrics" : "npm ci";
    fail(`Node ${process.versions.node} is too old, 22.${oldestMinorOf22} or newer is needed. Type: ${remedy}`);
  }
}
