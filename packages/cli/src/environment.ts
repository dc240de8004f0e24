/** The one place that reads the process: its environment variables, folders and streams. */
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { type Environment, homeFolder } from "@moai-metrics/settings";

/** What commands know about the machine and the terminal they run in. */
export interface CliEnvironment {
  /** Environment variables, for those who look up their own: storage paths, transcript folders. */
  readonly variables: Environment;
  readonly homeFolder: string;
  readonly workingFolder: string;
  /** `MOAI_METRICS_DISABLED=1`: nothing is collected. */
  readonly isDisabled: boolean;
  /** Width of the terminal, `COLUMNS` where output goes elsewhere, else 80. */
  readonly columns: number;
  /** Height of the terminal, 24 where output goes elsewhere. */
  readonly rows: number;
  /** Whether output may be coloured when no flag says otherwise. */
  readonly isColoured: boolean;
  /** Whether a person watches standard output and types on standard input, at a terminal that can be drawn on. */
  readonly isTerminal: boolean;
  /** Whether a person watches standard error. */
  readonly isProgressVisible: boolean;
  /** Whether a person watches standard error and can answer on standard input. */
  readonly isInteractive: boolean;
  /** The zone of the system. */
  readonly timeZone: string;
}

/** The part of a process that is read. */
export interface ProcessView {
  readonly env: Environment;
  readonly stdout: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly stderr: { readonly isTTY?: boolean };
  readonly stdin?: { readonly isTTY?: boolean };
  cwd(): string;
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const MIN_COLUMNS = 40;

/** Reads the environment once. */
export function readEnvironment(view: ProcessView): CliEnvironment {
  const { env, stdout, stderr } = view;
  // Of the process it is a stream that takes milliseconds to make.
  const isTyping = (): boolean => view.stdin?.isTTY === true;
  return Object.freeze({
    variables: env,
    homeFolder: homeFolder(env),
    workingFolder: view.cwd(),
    isDisabled: isOn(env["MOAI_METRICS_DISABLED"]),
    columns: Math.max(MIN_COLUMNS, stdout.columns ?? toCount(env["COLUMNS"]) ?? DEFAULT_COLUMNS),
    rows: stdout.rows ?? DEFAULT_ROWS,
    isColoured: decideColour(view),
    isTerminal: stdout.isTTY === true && env["TERM"] !== "dumb" && isTyping(),
    isProgressVisible: stderr.isTTY === true,
    isInteractive: stderr.isTTY === true && isTyping(),
    timeZone: systemTimeZone(env),
  });
}

/**
 * The name of the system's zone. The first use of `Intl` takes tens of milliseconds, so it is asked only where neither
 * `TZ` nor the link that Unix systems keep tells. A zone that nobody knows is UTC, as Node itself takes it.
 */
function systemTimeZone(env: Environment): string {
  const setting = env["TZ"]?.replace(/^:/, "");
  const named =
    setting === undefined || setting.startsWith("/") ? linkedTimeZone(setting ?? "/etc/localtime") : setting;
  if (named !== undefined && /^[A-Z]/.test(named) && existsSync(join(ZONE_FOLDER, named))) {
    return named.replace(/^Etc\/UTC$/, "UTC");
  }
  const known: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return known === undefined || known === "Etc/Unknown" ? "UTC" : known;
}

const ZONE_FOLDER = "/usr/share/zoneinfo";

function linkedTimeZone(path: string): string | undefined {
  try {
    return realpathSync(path).split("/zoneinfo/")[1];
  } catch {
    return undefined;
  }
}

/** `FORCE_COLOR` outranks `NO_COLOR` (no-color.org), as in Node itself; else a terminal that knows colours decides. */
function decideColour({ env, stdout }: ProcessView): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  return stdout.isTTY === true && env["TERM"] !== "dumb";
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}

function toCount(value: string | undefined): number | undefined {
  return value !== undefined && /^[1-9]\d{0,4}$/.test(value) ? Number(value) : undefined;
}
