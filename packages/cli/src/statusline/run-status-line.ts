/**
 * `statusline`: one line for the agent's screen. Apart from all other commands: the whole process has 60 milliseconds,
 * so it loads SQLite, a few small files and nothing else. It never fails: the agent shows whatever it prints.
 */
import { existsSync, writeSync } from "node:fs";
import { createPalette } from "@moai-metrics/report/quick";
import { databasePath, type Environment, quickConfig, resolveStorageFolder } from "@moai-metrics/settings/quick";
import { glanceAtStore } from "@moai-metrics/store/glance";
import { readInput, STDIN } from "../terminal/read-input.ts";
import { PRODUCT, planStatus, statusLine } from "./plan-status-line.ts";
import { parseStatusInput } from "./status-input.ts";

/** Where the line is made. */
export interface StatusLineOptions {
  readonly environment: Environment;
  readonly workingFolder: string;
  readonly nowMillis: number;
  /** The `--storage` flag. */
  readonly storage?: string | undefined;
  /** `false` for `--no-color`. */
  readonly color?: boolean | undefined;
}

/** The input is a few kilobytes. */
const MAX_INPUT_BYTES = 1_000_000;

/** Reads standard input and writes the line. */
export function runStatusLine(options: StatusLineOptions): void {
  writeLine(lineFor(readInput(STDIN, MAX_INPUT_BYTES), options));
}

/** The line for what the agent says, without its end. */
export function lineFor(text: string, options: StatusLineOptions): string {
  const { environment, workingFolder, nowMillis, storage, color = true } = options;
  const input = parseStatusInput(text);
  const config = quickConfig(environment, input.folder ?? workingFolder);
  const plan = planStatus(config, input, nowMillis);
  const path = databasePath(resolveStorageFolder({ storage, environment }));
  const glance = glanceAtStore({
    path,
    product: PRODUCT,
    sessionId: input.sessionId,
    since: plan.since,
  });
  const palette = createPalette(color && mayColour(environment));
  const isUnreadable = glance === undefined && existsSync(path);
  return statusLine({ input, config, plan, glance, isUnreadable, palette });
}

/** Straight to the descriptor: making a stream of it takes milliseconds. */
function writeLine(line: string): void {
  try {
    writeSync(STDOUT, `${line}\n`);
  } catch {
    // Nobody reads it.
  }
}

const STDOUT = 1;

/** Output always goes to the agent, whose screen knows colours; `NO_COLOR`, `FORCE_COLOR=0` and dumb terminals say no. */
function mayColour(environment: Environment): boolean {
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}
