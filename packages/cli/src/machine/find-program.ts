/** Programs of this machine: where they are, and which version. */
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Environment } from "@moai-metrics/settings";

/** A program that can be run. */
export interface FoundProgram {
  readonly path: string;
  /** As it says itself, `2.1.330`; undefined when it does not. */
  readonly version: string | undefined;
}

const VERSION_TIMEOUT_MILLIS = 10_000;

/** The first program of a name on `PATH`, else in the folders where installers also put it. */
export function findProgram(
  name: string,
  environment: Environment,
  folders: readonly string[] = [],
): string | undefined {
  const searched = [...(environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""), ...folders];
  return searched.map((folder) => join(folder, name)).find(isProgram);
}

/** Whether something can be run. */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Finds a program and asks it for its version. */
export async function askVersion(
  name: string,
  environment: Environment,
  folders: readonly string[] = [],
): Promise<FoundProgram | undefined> {
  const path = findProgram(name, environment, folders);
  if (path === undefined) return undefined;
  const { output } = await runProgramFile(path, ["--version"], environment, VERSION_TIMEOUT_MILLIS);
  return { path, version: /\d+\.\d+\.\d+/.exec(output)?.[0] };
}

/** What a program said. */
export interface ProgramOutcome {
  readonly isDone: boolean;
  /** Both of its outputs. */
  readonly output: string;
}

/** Runs a program to its end, without a shell and without input. Never rejects. */
export function runProgramFile(
  path: string,
  argv: readonly string[],
  environment: Environment,
  timeoutMillis: number,
): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      [...argv],
      { env: { ...environment }, timeout: timeoutMillis, killSignal: "SIGKILL", encoding: "utf8" },
      (error, stdout, stderr) => resolve({ isDone: error === null, output: `${stdout}${stderr}` }),
    );
    child.stdin?.end();
  });
}

/** Whether a version is at least another one: `2.1.63` is before `2.1.330`. */
export function isAtLeast(version: string, least: string): boolean {
  const [given, wanted] = [version, least].map((text) => text.split(".").map(Number));
  for (const [at, part] of (wanted ?? []).entries()) {
    const own = given?.[at] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
