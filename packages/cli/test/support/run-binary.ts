/** Runs the real binary in a sealed environment. */
import { execFile, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const BINARY = fileURLToPath(new URL("../../bin/moai-metrics.js", import.meta.url));
const FROZEN_CLOCK = pathToFileURL(fileURLToPath(new URL("./freeze-clock.mjs", import.meta.url))).href;
const FIXTURES = fileURLToPath(new URL("../fixtures/projects", import.meta.url));

/** Shortly after the recorded session of the fixture, a Sunday. */
export const NOW = Date.UTC(2026, 10, 22, 12);

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** A home folder that is removed when the test ends. */
export function temporaryHome(): string {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "cli-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** A home folder with the recorded transcripts of one session with a subagent. */
export function homeWithTranscripts(): string {
  const home = temporaryHome();
  mkdirSync(join(home, ".claude"));
  cpSync(FIXTURES, join(home, ".claude", "projects"), { recursive: true });
  return home;
}

/** The folder in which the recorded session was made. */
const RECORDED_FOLDER = "/home/devusr/work2";

/** Makes of a home's recorded session one that was made in another folder. */
export function moveTranscripts(home: string, to: string, from: string = RECORDED_FOLDER): void {
  const root = join(home, ".claude", "projects");
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(from, to));
  }
}

export function runBinary(home: string, argv: readonly string[], variables: Record<string, string> = {}): Result {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BINARY, ...argv], optionsOf(home, variables));
  return { stdout, stderr, exitCode: status };
}

/** Runs a program in a home folder, as {@link runBinary} runs the command. */
export function runScript(home: string, script: string, argv: readonly string[]): Result {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [script, ...argv],
    optionsOf(home, { NODE_OPTIONS: "" }),
  );
  return { stdout, stderr, exitCode: status };
}

/** The same without waiting, so that several run at once. */
export function startBinary(
  home: string,
  argv: readonly string[],
  variables: Record<string, string> = {},
): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<Result>();
  const child = execFile(process.execPath, [BINARY, ...argv], optionsOf(home, variables), (_, stdout, stderr) =>
    resolve({ stdout, stderr, exitCode: child.exitCode }),
  );
  return promise;
}

function optionsOf(home: string, variables: Record<string, string>) {
  return {
    encoding: "utf8",
    cwd: home,
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      TZ: "UTC",
      COLUMNS: "80",
      NO_COLOR: "1",
      NODE_OPTIONS: `--import=${FROZEN_CLOCK}`,
      FROZEN_NOW: String(NOW),
      ...variables,
    },
  } as const;
}
