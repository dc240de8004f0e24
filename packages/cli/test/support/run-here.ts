/** Runs a command line inside the test's own process. */
import { createCliContext } from "../../src/create-context.ts";
import { readEnvironment } from "../../src/environment.ts";
import { exitCodeOf } from "../../src/exit-code.ts";
import { runProgram } from "../../src/program.ts";
import { NOW, type Result } from "./run-binary.ts";

export interface HereOptions {
  readonly variables?: Record<string, string>;
  readonly workingFolder?: string;
  readonly isTerminal?: boolean;
}

export async function runHere(home: string, argv: readonly string[], options: HereOptions = {}): Promise<Result> {
  let stdout = "";
  let stderr = "";
  const streams = {
    stdout: { isTTY: options.isTerminal ?? false, write: (text: string) => (stdout += text) },
    stderr: { isTTY: options.isTerminal ?? false, write: (text: string) => (stderr += text) },
  };
  const environment = readEnvironment({
    env: { HOME: home, ...options.variables },
    cwd: () => options.workingFolder ?? home,
    ...streams,
  });
  const context = createCliContext(environment, streams, () => NOW);
  let exitCode = 0;
  try {
    await runProgram(context, argv, "1.2.3");
  } catch (error) {
    exitCode = exitCodeOf(error, context.warn);
  }
  return { stdout, stderr, exitCode };
}
