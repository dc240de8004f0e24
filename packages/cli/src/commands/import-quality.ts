/** `import quality`: takes in reports of coverage and linting. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { QualityImportOutcome } from "@moai-metrics/receiver/quality";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { CliContext, OpenLedger } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import type { CommonFlags, FormatFlags } from "../flags/declare.ts";
import type { TimeFlag } from "../flags/values.ts";
import { tidyUpImport } from "../ledger/tidy-up.ts";
import type { Screen } from "../output/screen.ts";
import type { QualityFlags } from "./import.ts";

/** A clock may differ a little; a measurement of the future would hide all that come after it. */
const MAX_AHEAD_MILLIS = DAY_MILLIS;

/** Imports the files. @throws CommandError when one of them could not be used; the others are imported all the same. */
export async function runImportQuality(
  context: CliContext,
  files: readonly string[],
  flags: CommonFlags & FormatFlags & QualityFlags,
): Promise<void> {
  if (files.length === 0) {
    throw new UsageError("import quality needs files: moai-metrics import quality coverage/lcov.info eslint.json");
  }
  const { environment } = context;
  const [{ resolveScreen }, project] = await Promise.all([
    import("../output/screen.ts"),
    projectFolder(context, flags.project),
  ]);
  const screen = resolveScreen(context, flags);
  const atMillis = momentOf(flags.at, screen, context.now());
  const ledger = await context.openLedger(flags, { products: [] });
  try {
    if (ledger.caughtUp === undefined) throw new CommandError("Nothing was imported.");
    const [{ importQuality }, { createTrackingStore }, config] = await Promise.all([
      import("@moai-metrics/receiver/quality"),
      import("@moai-metrics/receiver"),
      configOf(context, flags, project),
    ]);
    const outcome = importQuality(
      createTrackingStore(ledger.store, () => config),
      { files, folder: environment.workingFolder, project, atMillis, linted: flags.files },
    );
    await tell(context, screen, flags, outcome);
    await lookAfter(context, ledger, screen);
    if (outcome.failed.length > 0) {
      throw new CommandError(`${outcome.failed.length} of ${files.length} files could not be used.`);
    }
  } finally {
    ledger.close();
  }
}

/** The settings of the project that the reports are about, wherever the command was typed. */
async function configOf(context: CliContext, flags: CommonFlags, project: string): Promise<MetricsConfig> {
  if (flags.config !== undefined) return (await context.loadConfig(flags)).config;
  const { projectConfigs } = await import("@moai-metrics/receiver");
  return projectConfigs(context.environment.variables, context.warn)(project);
}

async function tell(
  context: CliContext,
  screen: Screen,
  flags: FormatFlags,
  outcome: QualityImportOutcome,
): Promise<void> {
  const { failureLines, qualityDocument, qualityLines } = await import("../output/quality-account.ts");
  if (flags.json) {
    const { renderJson } = await import("@moai-metrics/report");
    context.write(renderJson(qualityDocument(outcome)));
  } else if (outcome.reports.length > 0) {
    context.write(`${qualityLines(outcome, screen).join("\n")}\n`);
  }
  for (const line of failureLines(outcome)) context.warn(line);
}

/** Reports of days that are over may have to be told anew. */
async function lookAfter(context: CliContext, ledger: OpenLedger, { timeZone }: Screen): Promise<void> {
  await tidyUpImport(context, ledger, timeZone);
  const { writeDueReports } = await import("../ledger/write-due-reports.ts");
  writeDueReports(context, ledger, { isUnhurried: true });
}

async function projectFolder(context: CliContext, given: string | undefined): Promise<string> {
  const [{ statSync }, { resolve }] = await Promise.all([import("node:fs"), import("node:path")]);
  const folder = resolve(context.environment.workingFolder, given ?? ".");
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageError(`--project ${folder}: there is no such folder.`);
}

function momentOf(flag: TimeFlag | undefined, { calendar }: Screen, nowMillis: number): number | undefined {
  if (flag === undefined) return undefined;
  const millis = flag.kind === "date" ? calendar.startOf(flag.date) : flag.millis;
  if (millis >= 0 && millis <= nowMillis + MAX_AHEAD_MILLIS) return millis;
  throw new UsageError("--at must be a time since 1970 that is not in the future.");
}
