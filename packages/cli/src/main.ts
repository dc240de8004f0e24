/** The command `moai-metrics`. */
import packageJson from "../package.json" with { type: "json" };
import { createCliContext } from "./create-context.ts";
import { readEnvironment } from "./environment.ts";
import { exitCodeOf } from "./exit-code.ts";
import { runProgram } from "./program.ts";

/**
 * Runs one command line.
 *
 * @param argv the arguments, without the programme.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const context = createCliContext(readEnvironment(process), process);
  try {
    await runProgram(context, argv, packageJson.version);
    return 0;
  } catch (error) {
    return exitCodeOf(error, context.warn);
  }
}
