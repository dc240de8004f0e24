/** Runs a program as a shell does: same streams, same terminal, same signals. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { Environment } from "@moai-metrics/settings";

/** How a program ended. */
export type ProgramEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  /** It was never started. `code` is the system's error. */
  | { readonly kind: "not_started"; readonly code: string };

/** What is run. */
export interface ChildOptions {
  readonly command: readonly string[];
  readonly environment: Environment;
  readonly workingFolder: string;
  /** Default: the program has our streams. */
  readonly stdio?: "inherit" | "ignore" | undefined;
}

/** Signals that a terminal sends to everyone who runs in its foreground: to us and to the program alike. */
const TERMINAL_SIGNALS = ["SIGINT", "SIGQUIT", "SIGTSTP"] as const;
const OTHER_SIGNALS = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const;

/** Runs it to its end. Never rejects. */
export function runChild({
  command,
  environment,
  workingFolder,
  stdio = "inherit",
}: ChildOptions): Promise<ProgramEnd> {
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    const listeners = new Map<NodeJS.Signals, () => void>();
    const finish = (end: ProgramEnd): void => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      resolve(end);
    };
    try {
      const child = spawn(program, args, { stdio, cwd: workingFolder, env: environment });
      for (const signal of TERMINAL_SIGNALS) {
        listeners.set(signal, () => {
          if (!isInForeground()) child.kill(signal);
        });
      }
      for (const signal of OTHER_SIGNALS) listeners.set(signal, () => child.kill(signal));
      // A program that stops leaves the terminal to the shell only when we stop as well. Once: SIGCHLD may come again
      // when we go on, before the program was told to.
      let hasStopped = false;
      listeners.set("SIGCHLD", () => {
        if (hasStopped || child.pid === undefined || !isStopped(child.pid)) return;
        hasStopped = true;
        process.kill(process.pid, "SIGSTOP");
      });
      listeners.set("SIGCONT", () => {
        hasStopped = false;
        child.kill("SIGCONT");
      });
      for (const [signal, listener] of listeners) process.on(signal, listener);
      child.on("error", ({ code = "UNKNOWN" }: NodeJS.ErrnoException) => {
        // A program that runs and may not be sent a signal goes on.
        if (child.pid === undefined) finish({ kind: "not_started", code });
      });
      child.once("exit", (exitCode, signal) => {
        finish(signal === null ? { kind: "exited", exitCode: exitCode ?? 0 } : { kind: "killed", signal });
      });
    } catch (error) {
      finish({ kind: "not_started", code: (error as NodeJS.ErrnoException).code ?? "UNKNOWN" });
    }
  });
}

/** What a shell makes of an end: the exit code, 128 and the signal's number, 127 for what is not found, else 126. */
export function exitCodeOfEnd(end: ProgramEnd): number {
  switch (end.kind) {
    case "exited":
      return end.exitCode;
    case "killed":
      return 128 + constants.signals[end.signal];
    case "not_started":
      return end.code === "ENOENT" ? 127 : 126;
  }
}

/** Whether the terminal counts us to its foreground, and sends its signals to us as well as to the program. */
function isInForeground(): boolean {
  const stat = statOf("self");
  if (stat === undefined) return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const [, , processGroup, , , terminalGroup] = stat;
  return terminalGroup === processGroup;
}

function isStopped(pid: number): boolean {
  return statOf(pid)?.[0] === "T";
}

/** Fields of `/proc/PID/stat` from the state on; undefined where there is no such file. */
function statOf(pid: number | "self"): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name, in brackets before, may hold anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
