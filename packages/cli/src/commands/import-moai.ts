/** `import moai`: takes over what MoAI-ADK and the PRD's first hook left in projects. */
import type { MoaiOutcome } from "@moai-metrics/receiver/moai";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import type { CommonFlags, FormatFlags } from "../flags/declare.ts";
import { tidyUpImport } from "../ledger/tidy-up.ts";

/** Imports the project that `--path` names, else every known one and that of the working folder. */
export async function runImportMoai(
  context: CliContext,
  flags: CommonFlags & FormatFlags & { readonly path?: string },
): Promise<void> {
  const { workingFolder } = context.environment;
  const [{ resolve, join }, { existsSync }] = await Promise.all([import("node:path"), import("node:fs")]);
  const hasMoai = (folder: string): boolean => existsSync(join(folder, ".moai"));
  const named = flags.path === undefined ? undefined : resolve(workingFolder, flags.path);
  if (named !== undefined && !hasMoai(named))
    throw new CommandError(`--path ${named}: there is no .moai folder in it.`);
  const ledger = await context.openLedger(flags);
  try {
    if (ledger.caughtUp === undefined) throw new CommandError("Nothing was imported.");
    const projects = named === undefined ? [...ledger.store.ledger.projects(), workingFolder] : [named];
    const [{ importMoai }, { createTrackingStore, projectConfigs }] = await Promise.all([
      import("@moai-metrics/receiver/moai"),
      import("@moai-metrics/receiver"),
    ]);
    const tracking = createTrackingStore(ledger.store, projectConfigs(context.environment.variables, context.warn));
    const found = [...new Set(projects)].filter((project) => project !== "" && hasMoai(project)).sort();
    const outcomes = found.map((project) => importMoai(tracking, project));
    if (flags.json) {
      const { renderJson } = await import("@moai-metrics/report");
      context.write(
        renderJson({ import: outcomes.map((each) => ({ ...each, skipped: Object.fromEntries(each.skipped) })) }),
      );
    } else {
      const { moaiLines } = await import("../output/moai-account.ts");
      context.write(`${moaiLines(outcomes as readonly MoaiOutcome[]).join("\n")}\n`);
    }
    await tidyUpImport(context, ledger, flags.timezone ?? context.environment.timeZone);
    const { writeDueReports } = await import("../ledger/write-due-reports.ts");
    writeDueReports(context, ledger, { isUnhurried: true });
  } finally {
    ledger.close();
  }
}
