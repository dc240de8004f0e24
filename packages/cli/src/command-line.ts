/** Every command that is not in a hurry. */
import packageJson from "../package.json" with { type: "json" };
import { createCliContext } from "./create-context.ts";
import { readEnvironment } from "./environment.ts";
import { EXIT_CODES } from "./errors.ts";
import { exitCodeOf } from "./exit-code.ts";
import { runOverview } from "./overview/show-overview.ts";

/**
 * Runs one command line.
 *
 * @param argv the arguments, without the programme.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 a check did not hold.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const context = createCliContext(readEnvironment(process), process);
  try {
    if (argv.length === 0) {
      await runOverview(context, { color: true });
    } else {
      const { runProgram } = await import("./program.ts");
      await runProgram(context, argv, packageJson.version);
    }
    return EXIT_CODES.done;
  } catch (error) {
    return exitCodeOf(error, context.warn);
  }
}
