/**
 * The command `moai-metrics`. Loads only what the command needs: some have milliseconds. Hooks that leave something in the
 * spool do not come here: the launcher hands them to hook/run-hook.ts.
 */

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
  if (argv[0] === "hook" && argv[1] === "budget" && !argv.includes("--help") && !argv.includes("-h")) {
    await answerHook(argv.slice(2));
    return 0;
  }
  const { runCommandLine } = await import("./command-line.ts");
  return runCommandLine(argv);
}

/** Whatever happens: an agent must not be stopped because of us. */
async function answerHook(argv: readonly string[]): Promise<void> {
  try {
    const [{ runBudgetHook }, { readEnvironment }] = await Promise.all([
      import("./hook/run-budget-hook.ts"),
      import("./environment.ts"),
    ]);
    process.stdout.write(await runBudgetHook({ argv, environment: readEnvironment(process), nowMillis: Date.now() }));
  } catch {
    // Silent by design.
  }
}
