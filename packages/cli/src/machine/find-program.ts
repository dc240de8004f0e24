/** Programs of this machine: where they are, and which version. */
import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Environment } from "@moai-metrics/settings";

/** A program that can be run. */
export interface FoundProgram {
  readonly path: string;
  /** As its npm package or it itself says, `2.1.330`; undefined when neither does. */
  readonly version: string | undefined;
}

const VERSION_TIMEOUT_MILLIS = 10_000;
const VERSION = /\d+\.\d+\.\d+/;

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

/** Finds a program and its version: its npm package is asked first, because some programs write files when they start. */
export async function askVersion(
  name: string,
  environment: Environment,
  folders: readonly string[] = [],
): Promise<FoundProgram | undefined> {
  const path = findProgram(name, environment, folders);
  if (path === undefined) return undefined;
  const packaged = packagedVersion(path, name);
  if (packaged !== undefined) return { path, version: packaged };
  const { output } = await runProgramFile(path, ["--version"], environment, VERSION_TIMEOUT_MILLIS);
  return { path, version: VERSION.exec(output)?.[0] };
}

/** The version of the nearest npm package around a program, if it is that package's program of this name. */
function packagedVersion(path: string, name: string): string | undefined {
  try {
    const program = realpathSync(path);
    for (let folder = dirname(program); folder !== dirname(folder); folder = dirname(folder)) {
      const file = join(folder, "package.json");
      if (statSync(file, { throwIfNoEntry: false }) === undefined) continue;
      const { version, bin } = JSON.parse(readFileSync(file, "utf8"));
      const own = typeof bin === "object" ? bin?.[name] : bin;
      return typeof own === "string" && resolve(folder, own) === program ? VERSION.exec(version)?.[0] : undefined;
    }
  } catch {
    // Then the program has to say it.
  }
  return undefined;
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
