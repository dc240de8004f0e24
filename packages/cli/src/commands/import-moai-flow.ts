/** `import moai-flow`: takes over the metrics file of MoAI-Flow's phase 6A. */
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import type { CommonFlags, FormatFlags } from "../flags/declare.ts";
import { limitHeapGrowth } from "../ledger/limit-heap.ts";
import { tidyUpImport } from "../ledger/tidy-up.ts";

const DEFAULT_FILE = ".swarm/metrics.db";

/** Less than this cannot make much garbage. */
const MUCH_TO_READ_BYTES = 8_000_000;

/** Imports the file that `--path` names, else the one of the working folder. */
export async function runImportMoaiFlow(
  context: CliContext,
  flags: CommonFlags & FormatFlags & { readonly path?: string },
): Promise<void> {
  const { environment } = context;
  const [{ resolve }, { statSync }] = await Promise.all([import("node:path"), import("node:fs")]);
  const path = resolve(environment.workingFolder, flags.path ?? DEFAULT_FILE);
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.isFile() !== true) {
    throw new CommandError(
      `There is no file ${path}. Run this in the project that MoAI-Flow worked in, or name its file with --path.`,
    );
  }
  if (file.size >= MUCH_TO_READ_BYTES) limitHeapGrowth();
  const ledger = await context.openLedger(flags, { products: [] });
  try {
    if (ledger.caughtUp === undefined) throw new CommandError("Nothing was imported.");
    const { importMoaiFlow } = await import("@moai-metrics/receiver/moai-flow");
    const outcome = importMoaiFlow(ledger.store, { path, timeZone: flags.timezone ?? environment.timeZone });
    if (flags.json) {
      const { renderJson } = await import("@moai-metrics/report");
      context.write(renderJson({ import: [{ ...outcome, skipped: Object.fromEntries(outcome.skipped) }] }));
    } else {
      const { moaiFlowLines } = await import("../output/moai-flow-account.ts");
      context.write(`${moaiFlowLines(outcome, flags.verbose ?? false).join("\n")}\n`);
    }
    await tidyUpImport(context, ledger, flags.timezone ?? environment.timeZone);
    const { writeDueReports } = await import("../ledger/write-due-reports.ts");
    writeDueReports(context, ledger, { isUnhurried: true });
  } finally {
    ledger.close();
  }
}
