/**
 * `hook`: leaves names and ids of what happened in the spool, as the shell scripts do. It loads almost nothing and never
 * opens the store: an agent may wait for it.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import {
  HOOK_PRODUCTS,
  type HookProduct,
  keptOfHook,
  knownResultWord,
  productOfHook,
} from "@moai-metrics/agents/hook-fields";
import { resolveStorageFolder, spoolFolder } from "@moai-metrics/settings/storage";
import { readInput, STDIN } from "../terminal/read-input.ts";

/** A payload may carry what a tool returned. */
const MAX_INPUT_BYTES = 64_000_000;

/** Where the hook runs. */
export interface LeaveHookOptions {
  /** What stands behind `hook`. */
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Reads the payload. Default: standard input. */
  readonly read?: () => string;
}

/** Whether these arguments are a hook's own: a product or none, or a task behind `post-task`. */
export function isLeftHook(argv: readonly string[]): boolean {
  const [form] = argv;
  return form === undefined || form === POST_TASK || isProduct(form);
}

const POST_TASK = "post-task";

/** Leaves one file, or none. Never throws, prints nothing. */
export function leaveHook({ argv, variables, workingFolder, read = readPayload }: LeaveHookOptions): void {
  try {
    const disabled = variables["MOAI_METRICS_DISABLED"] ?? "";
    if (!["", "0", "false"].includes(disabled)) return;
    const [form, ...values] = argv;
    const id = uniqueId();
    const content =
      form === POST_TASK
        ? postTask(values, id, variables, workingFolder)
        : kept(read(), form as HookProduct | undefined);
    if (content !== undefined) leave(spoolFolder(resolveStorageFolder({ environment: variables })), id, content);
  } catch {
    // Telemetry never hurts the agent.
  }
}

function readPayload(): string {
  return readInput(STDIN, MAX_INPUT_BYTES);
}

function kept(text: string, named: HookProduct | undefined): object | undefined {
  const payload: unknown = JSON.parse(text);
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return undefined;
  const fields = payload as Record<string, unknown>;
  return keptOfHook(fields, named ?? productOfHook(fields));
}

/** Variables in which agents tell their session to what they run. */
const SESSION_VARIABLES: readonly (readonly [product: HookProduct, variable: string])[] = [
  ["claude-code", "CLAUDE_CODE_SESSION_ID"],
  ["codex", "CODEX_THREAD_ID"],
  ["gemini-cli", "GEMINI_SESSION_ID"],
];

/** The same content as that of metrics-post-task.sh. */
function postTask(
  [taskId = "", agent = "", result = "", duration = "", tokens = ""]: readonly string[],
  id: string,
  variables: LeaveHookOptions["variables"],
  workingFolder: string,
): object {
  const [product, variable] = SESSION_VARIABLES.find(([, name]) => variables[name]) ?? ["", ""];
  const project = variables["CLAUDE_PROJECT_DIR"] ?? "";
  return {
    hook_event_name: "PostTask",
    id,
    task_id: taskId,
    agent,
    // Only a known word and two numbers reach the disk.
    result: knownResultWord(result),
    duration_ms: /^[0-9.]*$/.test(duration) ? duration : "?",
    tokens: /^[0-9.]*$/.test(tokens) ? tokens : "?",
    cwd: isAbsolute(project) ? project : workingFolder,
    session_product: product,
    session_id: variable === "" ? "" : variables[variable],
  };
}

/** The file appears under its name when it is whole. */
function leave(folder: string, id: string, content: object): void {
  const path = join(folder, `${id}.hook`);
  const unfinished = `${path}.tmp`;
  const write = (): void => writeFileSync(unfinished, `${JSON.stringify(content)}\n`, { flag: "wx", mode: 0o600 });
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    write();
  }
  renameSync(unfinished, path);
}

/** The time to the nanosecond since the machine started and the process: no other file has them. */
function uniqueId(): string {
  return `${Date.now()}-${process.pid}-${process.hrtime.bigint()}`;
}

function isProduct(name: string): name is HookProduct {
  return (HOOK_PRODUCTS as readonly string[]).includes(name);
}
