/** Runs `moai-metrics run` as a process, over a fake agent. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { databasePath, resolveStorageFolder } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { onTestFinished } from "vitest";
import type { Result } from "../support/run-binary.ts";

export const BINARY = fileURLToPath(new URL("../../bin/moai-metrics.js", import.meta.url));
const FAKE_AGENT = fileURLToPath(new URL("./fake-agent.mjs", import.meta.url));

/** Installs the fake agent under a name in a folder of the home's own. */
export function installFakeAgent(home: string, name: string): string {
  const path = join(home, "bin", name);
  mkdirSync(join(home, "bin"), { recursive: true });
  copyFileSync(FAKE_AGENT, path);
  chmodSync(path, 0o755);
  return path;
}

export function environmentOf(home: string, variables: Record<string, string> = {}): NodeJS.ProcessEnv {
  const node = join(process.execPath, "..");
  const path = [join(home, "bin"), node, process.env["PATH"]].join(delimiter);
  return { PATH: path, HOME: home, TZ: "UTC", NO_COLOR: "1", COLUMNS: "80", ...variables };
}

/** Starts `run` with the given words behind it. */
export function startRun(
  home: string,
  words: readonly string[],
  variables: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [BINARY, "run", ...words], { cwd: home, env: environmentOf(home, variables) });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Its end, and what it wrote. */
export function ended(child: ChildProcessWithoutNullStreams, input?: string | Buffer): Promise<Result> {
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text));
  child.stderr.on("data", (text: Buffer) => (stderr += text));
  if (input !== undefined) child.stdin.end(input);
  return new Promise((resolve) => child.once("close", (exitCode) => resolve({ stdout, stderr, exitCode })));
}

/** Every session of a home's store, and its tasks. */
export function storedIn(home: string) {
  const storage = resolveStorageFolder({ environment: { HOME: home } });
  const store = openStore({ path: databasePath(storage), readOnly: true });
  try {
    return {
      sessions: store.ledger.sessions({}),
      tasks: store.ledger.tasks({}),
    };
  } finally {
    store.close();
  }
}
