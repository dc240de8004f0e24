/** Lets `init` wire an agent to a receiver that runs, runs the agent as a user does, and takes the wiring back. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import type { Check } from "./compare.ts";
import { COMMAND, type Ended, ended } from "./programs.ts";

/** What is wired, and where. */
export interface WiredRun {
  readonly startAgent: () => Promise<Ended>;
  /** Of the agent, with the storage folder. No receiver's settings lie in its home: the port is the usual one. */
  readonly environment: Readonly<Record<"HOME" | "MOAI_METRICS_STORAGE", string>>;
  readonly project: string;
  /** Its telemetry tells something of what it does. */
  readonly isTelling: boolean;
  /** It has hooks that `init` writes. */
  readonly hasHooks: boolean;
}

const SETTINGS = [".claude/settings.json", ".codex/config.toml", ".gemini/settings.json"];

/** Leaves everything that was told in the storage folder. */
export async function driveWired({ startAgent, environment, project, isTelling, hasHooks }: WiredRun): Promise<Check> {
  const moai = (...words: readonly string[]) => ended([process.execPath, COMMAND, ...words], environment, project);
  const settings = () => SETTINGS.map((path) => contentOf(join(environment.HOME, path)));
  const storage = environment.MOAI_METRICS_STORAGE;
  const before = settings();
  const receiver = await startReceiver(environment, project);
  let held: [what: string, holds: boolean][];
  try {
    await moai("init", "--yes");
    const wired = settings();
    const again = await moai("init", "--yes");
    await startAgent();
    held = [
      ["init changes settings", wired.some((text, at) => text !== before[at])],
      ["a second init changes nothing", again.stdout.includes("nothing to write")],
      ["the agent leaves its settings as init wrote them", settings().every((text, at) => text === wired[at])],
      ["doctor finds nothing wrong", (await moai("doctor")).exitCode === 0],
    ];
  } finally {
    await receiver.stop();
  }
  const { points, toolCallsOfHooks } = figuresOf(storage);
  if (isTelling) held.push(["telemetry arrived", points > 0]);
  if (hasHooks) held.push(["hooks arrived", toolCallsOfHooks > 0]);
  held.push(["the import succeeds", (await moai("import")).exitCode === 0]);
  await moai("init", "--undo", "--yes");
  held.push(["undo brings back what was there", settings().every((text, at) => text === before[at])]);
  const missing = held.flatMap(([what, holds]) => (holds ? [] : [what]));
  return { what: "promises", equal: held.length - missing.length, missing, extra: [] };
}

/** Starts `serve`, and waits until it listens. */
export async function startReceiver(variables: NodeJS.ProcessEnv, folder: string) {
  const child = spawn(process.execPath, [COMMAND, "serve"], { env: variables, cwd: folder });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    let output = "";
    const onText = (text: Buffer): void => {
      output += text;
      if (output.includes("Ctrl-C")) resolve();
    };
    child.stdout.on("data", onText);
    child.stderr.on("data", onText);
    void ended.then(() => reject(new Error(`serve ended:\n${output}`)));
  });
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Undefined where there is no file. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Metrics come by telemetry alone, and the store knows who told of a tool call. */
function figuresOf(storage: string) {
  const store = openStore({ path: databasePath(storage), readOnly: true });
  try {
    const told = store.ledger.witnesses({}).map(({ toolCalls }) => toolCalls.told.hook ?? 0);
    return { points: store.stats().points, toolCallsOfHooks: told.reduce((sum, count) => sum + count, 0) };
  } finally {
    store.close();
  }
}
