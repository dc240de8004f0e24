import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Makes the first process believe that it is an old Node; a process that it starts is what it is. */
const pretendOld = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.1' } });";

/** Nothing of the machine's own settings reaches the processes under test. */
const env = { PATH: process.env["PATH"] };

let root: string;
let launcher: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "launcher-"));
  const cli = path.join(root, "packages/cli");
  mkdirSync(path.join(cli, "bin"), { recursive: true });
  launcher = path.join(cli, "bin/moai-metrics.js");
  cpSync(path.resolve("packages/cli/bin"), path.join(cli, "bin"), { recursive: true });
  write("packages/cli/package.json", '{"type":"module"}');
  write("old.cjs", pretendOld);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

function writeMain(body: string): void {
  write("packages/cli/src/main.ts", `export async function main(argv: string[]): Promise<number> {\n${body}\n}\n`);
}

/** Lays a carried Node beside the checkout, as its install script does. */
function carryNode(version: string): void {
  write("node_modules/node/package.json", JSON.stringify({ version }));
  mkdirSync(path.join(root, "node_modules/node/bin"));
  symlinkSync(process.execPath, path.join(root, "node_modules/node/bin/node"));
}

function run(args: string[], nodeArgs: string[] = []) {
  return spawnSync(process.execPath, [...nodeArgs, launcher, ...args], { env, encoding: "utf8" });
}

function runOld(args: string[]) {
  return run(args, ["--require", path.join(root, "old.cjs")]);
}

async function startAndWait(nodeArgs: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...nodeArgs, launcher], { env, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

describe("the launcher", () => {
  it("hands the arguments to main and exits with its code, without a warning", () => {
    writeMain("console.log(JSON.stringify(argv));\nreturn 3;");
    const { stdout, stderr, status } = run(["daily", "--last", "2"]);
    expect({ stdout, stderr, status }).toEqual({ stdout: '["daily","--last","2"]\n', stderr: "", status: 3 });
  });

  it("prefers the published JavaScript to the sources", () => {
    writeMain("return 9;");
    write("packages/cli/dist/main.js", "export const main = async () => 0;");
    expect(run([]).status).toBe(0);
  });

  it("starts again with the carried Node when its own is too old", () => {
    carryNode("24.1.0");
    writeMain("console.log(process.versions.node, argv[0]);\nreturn 3;");
    const { stdout, stderr, status } = runOld(["session"]);
    expect({ stdout, stderr, status }).toEqual({ stdout: `${process.versions.node} session\n`, stderr: "", status: 3 });
  });

  it("hands a hook to a file of its own, and to the programme what that does not take", () => {
    write(
      "packages/cli/dist/main.js",
      "export const main = async ([, word]) => { console.log('main', word); return 0; };",
    );
    write(
      "packages/cli/dist/run-hook.cjs",
      "exports.runHook = ([word]) => { if (word === 'budget') return false; console.log('hook', word); return true; };",
    );
    expect(run(["hook", "codex"])).toMatchObject({ stdout: "hook codex\n", stderr: "", status: 0 });
    expect(run(["hook", "budget"])).toMatchObject({ stdout: "main budget\n", stderr: "", status: 0 });
  });

  it.each([
    ["cannot be loaded", "throw new Error('damaged');", "throw new Error('damaged');"],
    [
      "fails",
      "exports.runHook = () => { throw new Error('damaged'); };",
      "export const main = async () => { throw new Error('damaged'); };",
    ],
    ["lacks its file, or fails behind it", "exports.runHook = () => false;", "throw new Error('damaged');"],
  ])("lets a hook, and nothing else, end with 0 and without a word when the programme %s", (_, hook, programme) => {
    write("packages/cli/dist/main.js", programme);
    expect(run(["hook", "claude-code"])).toMatchObject({ stdout: "", stderr: "", status: 0 });
    write("packages/cli/dist/run-hook.cjs", hook);
    expect(run(["hook", "claude-code"])).toMatchObject({ stdout: "", stderr: "", status: 0 });
    expect(run(["daily"]).status).toBe(1);
  });

  it("lets a hook end with 0 and without a word when its source cannot be loaded", () => {
    writeMain("return 3;");
    write("packages/cli/src/hook/run-hook.ts", "throw new Error('damaged');");
    expect(run(["hook", "claude-code"])).toMatchObject({ stdout: "", stderr: "", status: 0 });
  });

  it("says in one line what to type when no newer Node is at hand", () => {
    writeMain("return 0;");
    const { stdout, stderr, status } = runOld([]);
    expect(stderr).toBe("moai-metrics: Node 18.20.1 is too old, 22.18 or newer is needed. Type: npm ci\n");
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
  });

  it("names the npx command when it is the published package", () => {
    write("packages/cli/dist/main.js", "export const main = async () => 0;");
    const { stderr, status } = runOld([]);
    expect(stderr).toContain("22.15 or newer is needed. Type: npx -y -p node@24 -p moai-metrics moai-metrics\n");
    expect(status).toBe(1);
  });

  it("does not start a carried Node that is too old itself", () => {
    carryNode("20.0.0");
    expect(runOld([]).stderr).toContain("is too old");
  });

  it("says that install scripts were off when the carried Node has no binary", () => {
    write("node_modules/node/package.json", '{"version":"24.1.0"}');
    const { stderr, status } = runOld([]);
    expect(stderr).toBe(
      "moai-metrics: Node 18.20.1 is too old, and install scripts were off. Type: npm rebuild node --ignore-scripts=false\n",
    );
    expect(status).toBe(1);
  });

  it("says how to repair a carried Node that does not start", () => {
    write("node_modules/node/package.json", '{"version":"24.1.0"}');
    write("node_modules/node/bin/node", "");
    chmodSync(path.join(root, "node_modules/node/bin/node"), 0o644);
    const { stderr, status } = runOld([]);
    expect(stderr).toMatch(/^moai-metrics: cannot start .*EACCES.*Type: npm rebuild node\n$/);
    expect(status).toBe(1);
  });

  it("passes a signal to the process it started, and its exit code back", async () => {
    carryNode("24.1.0");
    writeMain(
      'process.on("SIGTERM", () => process.exit(7));\nconsole.log("ready");\nawait new Promise((done) => setTimeout(done, 20_000));\nreturn 0;',
    );
    const child = await startAndWait(["--require", path.join(root, "old.cjs")]);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([7, null]);
  });

  it("dies of the signal that its process died of", async () => {
    carryNode("24.1.0");
    writeMain('console.log("ready");\nawait new Promise((done) => setTimeout(done, 20_000));\nreturn 0;');
    const child = await startAndWait(["--require", path.join(root, "old.cjs")]);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
  });

  it("is quiet when its reader goes away", async () => {
    writeMain(
      'for (let i = 0; i < 20_000; i += 1) {\n  console.log("a line of a long table");\n  if (i % 100 === 0) await new Promise(setImmediate);\n}\nreturn 4;',
    );
    const child = spawn(process.execPath, [launcher], { env, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [code] = await once(child, "exit");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
