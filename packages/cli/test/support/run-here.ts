/** Runs a command line inside the test's own process. */
import { Readable } from "node:stream";
import { createCliContext } from "../../src/create-context.ts";
import { readEnvironment } from "../../src/environment.ts";
import { exitCodeOf } from "../../src/exit-code.ts";
import { runProgram } from "../../src/program.ts";
import { NOW, type Result } from "./run-binary.ts";

export interface HereOptions {
  readonly variables?: Record<string, string>;
  readonly workingFolder?: string;
  readonly isTerminal?: boolean;
  /** What a person at the terminal types. */
  readonly typed?: string;
  /** Default: the moment that all tests share. */
  readonly now?: () => number;
}

export async function runHere(home: string, argv: readonly string[], options: HereOptions = {}): Promise<Result> {
  let stdout = "";
  let stderr = "";
  const streams = {
    stdout: { isTTY: options.isTerminal ?? false, write: (text: string) => (stdout += text) },
    stderr: { isTTY: options.isTerminal ?? false, write: (text: string) => (stderr += text) },
  };
  const stdin = Object.assign(Readable.from([options.typed ?? ""]), { isTTY: options.typed !== undefined });
  const environment = readEnvironment({
    env: { HOME: home, ...options.variables },
    cwd: () => options.workingFolder ?? home,
    ...streams,
    stdin,
  });
  const context = createCliContext(environment, { ...streams, stdin }, options.now ?? (() => NOW));
  let exitCode = 0;
  try {
    await runProgram(context, argv, "1.2.3");
  } catch (error) {
    exitCode = exitCodeOf(error, context.warn);
  }
  return { stdout, stderr, exitCode };
}
