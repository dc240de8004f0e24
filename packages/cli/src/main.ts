/** The command `moai-metrics`. Loads only what the command needs: some have milliseconds. */

/**
 * Runs one command line.
 *
 * @param argv the arguments, without the programme.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 a check did not hold.
 */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === "statusline") {
    const { runStatusLine } = await import("./statusline/run-status-line.ts");
    runStatusLine({ environment: process.env, workingFolder: process.cwd(), nowMillis: Date.now() });
    return 0;
  }
  const { runCommandLine } = await import("./command-line.ts");
  return runCommandLine(argv);
}
