#!/usr/bin/env node
// The launcher. Plain JavaScript that Node 14 can parse, because its first duty is to say that a Node is too old:
// the programme itself and its native SQLite module must not even be loaded by one. CommonJS, by the package.json beside
// it: Node starts an ES module some milliseconds later, and an agent may wait for a hook.
"use strict";

const { existsSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

const here = __dirname;
const isPublished = existsSync(join(here, "..", "dist", "main.js"));

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
function runWith(binary) {
  // Loading it takes milliseconds, and only those need it who have an old Node.
  const { spawn } = require("node:child_process");
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

/** Ends as soon as all output is written: Node would take its heap apart first, piece by piece. */
function endWith(code) {
  process.exitCode = code;
  if (isHook) return;
  // Without further words the status line has written without a stream.
  if (process.argv[2] === "statusline" && process.argv.length === 3) process.exit();
  process.stdout.write("", (error) => {
    // Output that failed ends the process in its own way.
    if (!error) process.stderr.write("", () => process.exit());
  });
}

/** Loads a module of the programme: as it is published, or its source. */
function load(name) {
  require("node:module").enableCompileCache();
  const { pathToFileURL } = require("node:url");
  const file = isPublished ? join("dist", `${name}.js`) : join("src", `${name}.ts`);
  return import(pathToFileURL(join(here, "..", file)).href);
}

function startProgramme() {
  // The status line writes without a stream, because making one takes milliseconds; a hook writes nothing.
  if (process.argv[2] !== "statusline" && !isHook) endWithReader();
  load("main")
    .then(({ main }) => main(process.argv.slice(2)))
    .then(endWith)
    .catch((error) => {
      if (!isHook) throw error;
    });
}

/** Most hooks leave a small file and are done; the others are answered by the programme. */
function startHook() {
  const hand = ({ runHook }) => {
    // Nothing is left to be done, and taking a Node apart takes a millisecond.
    if (runHook(process.argv.slice(3))) process.exit(0);
    startProgramme();
  };
  if (isPublished) hand(require(join(here, "..", "dist", "run-hook.cjs")));
  else load("hook/run-hook").then(hand).catch(stayQuiet);
}

function stayQuiet() {
  // Telemetry never hurts the agent.
}

function start() {
  if (!isHook) {
    startProgramme();
    return;
  }
  try {
    startHook();
  } catch {
    stayQuiet();
  }
}

if (isRecentEnough(process.versions.node)) {
  start();
} else {
  const carried = findCarriedNode();
  if (carried?.isInstalled) {
    runWith(carried.binary);
  } else if (carried) {
    fail(
      `Node ${process.versions.node} is too old, and install scripts were off. Type: npm rebuild node --ignore-scripts=false`,
    );
  } else {
    const remedy = isPublished ? "npx -y -p node@24 -p moai-metrics moai-metrics" : "npm ci";
    fail(`Node ${process.versions.node} is too old, 22.${oldestMinorOf22} or newer is needed. Type: ${remedy}`);
  }
}
