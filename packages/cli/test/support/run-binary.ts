/** Runs the real binary in a sealed environment. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
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

export function runBinary(home: string, argv: readonly string[], variables: Record<string, string> = {}): Result {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BINARY, ...argv], {
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
  });
  return { stdout, stderr, exitCode: status };
}
