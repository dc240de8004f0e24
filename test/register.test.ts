/** What `--import @moai-metrics/instrumentation/register` does to real programs. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it, onTestFinished } from "vitest";

const program = (name: string): string => fileURLToPath(new URL(`./register/${name}`, import.meta.url));
const REGISTER = ["--import", "@moai-metrics/instrumentation/register"];

function run(args: readonly string[], environment: Record<string, string> = {}) {
  const storage = mkdtempSync(join(tmpdir(), "register-"));
  onTestFinished(() => rmSync(storage, { recursive: true, force: true }));
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: storage, MOAI_METRICS_STORAGE: storage, ...environment },
  });
  return { storage, status, said: stdout + stderr };
}

function tasks(storage: string) {
  using store = openStore({ path: join(storage, "metrics.db"), readOnly: true });
  return store.ledger.tasks({});
}

describe("the registration", () => {
  it.each([
    [
      "an ES module",
      [...REGISTER, program("agent.mjs")],
      0,
      { agent: "esm", calls: 1, tokens: { input: 5, output: 6 } },
    ],
    ["TypeScript", [...REGISTER, program("agent.ts")], 0, { agent: "ts", result: "failure" }],
    ["a CommonJS program that requires it", [program("require-register.cjs")], 0, { agent: "cjs", calls: 1 }],
    ["a program that leaves by process.exit()", [...REGISTER, program("agent.mjs"), "exit"], 3, { agent: "esm" }],
  ])("records what %s does, silently, without a goodbye", (_, args, status, task) => {
    const ran = run(args);
    expect(ran).toMatchObject({ status, said: "" });
    if (status === 0) expect(tasks(ran.storage)).toMatchObject([task]);
    else expect(existsSync(join(ran.storage, "spool")) || existsSync(join(ran.storage, "metrics.db"))).toBe(true);
  });

  it("reaches a program through NODE_OPTIONS, and writes nothing for one that measures nothing", () => {
    const environment = { NODE_OPTIONS: REGISTER.join(" ") };
    expect(tasks(run([program("agent.cjs")], environment).storage)).toMatchObject([{ agent: "cjs" }]);
    const idle = run(["-e", "0"], environment);
    expect(idle).toMatchObject({ status: 0, said: "" });
    expect(existsSync(join(idle.storage, "metrics.db"))).toBe(false);
  });

  it("records once in the program, its threads and its children, however often it is loaded", () => {
    const ran = run([...REGISTER, program("everywhere.mjs")]);
    expect(ran).toMatchObject({ status: 0, said: "" });
    const seen = tasks(ran.storage).map(({ agent, calls }) => `${agent} ${calls}`);
    expect(seen.sort()).toEqual(["child 1", "program 1", "thread 1"]);
  });

  it("does nothing where it is switched off", () => {
    const ran = run([...REGISTER, program("agent.mjs")], { MOAI_METRICS_DISABLED: "1" });
    expect(ran).toMatchObject({ status: 0, said: "" });
    expect(existsSync(join(ran.storage, "metrics.db"))).toBe(false);
  });
});
