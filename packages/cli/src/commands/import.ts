/** `import`: reads what agents and tools left on disk now, and gives an account of it. */
import type { SourceOutcome } from "@moai-metrics/receiver";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { addCommonFlags, addJsonFlag, type CommonFlags, type FormatFlags } from "../flags/declare.ts";
import { parseCount, parseTime, type TimeFlag } from "../flags/values.ts";
import { tidyUpImport } from "../ledger/tidy-up.ts";

type Flags = CommonFlags & FormatFlags & QualityFlags & { readonly path?: string };

/** What only `import quality` understands. */
export interface QualityFlags {
  readonly project?: string;
  readonly at?: TimeFlag;
  readonly files?: number;
}

const MOAI_FLOW = "moai-flow";
const MOAI = "moai";
const QUALITY = "quality";
const PRODUCTS = ["claude-code", "codex", "gemini-cli"];
const SOURCES = [...PRODUCTS, MOAI, MOAI_FLOW, QUALITY];

/** Adds the command. */
export function addImportCommand(program: Command, context: CliContext): void {
  const command = program
    .command("import [what...]")
    .usage("[options] [source] [file...]")
    .summary(`read what agents left now, with an account of what was skipped (source: ${SOURCES.join(", ")})`)
    .description(
      `read what agents left now, with an account of what was skipped (source: ${SOURCES.join(", ")}); ` +
        "quality reads the files that are named: reports of lcov, Istanbul, Cobertura, ESLint, Biome, Ruff",
    )
    .option(
      "--path <path>",
      "search this folder instead of the agent's own; for moai, this project; for moai-flow, this file",
    )
    .option("--project <folder>", "quality: the project that the reports are about (default: this folder)")
    .option("--at <time>", "quality: when it was measured (default: what the file says, or its last change)", parseTime)
    .option("--files <n>", "quality: how many files Ruff looked at", parseCount);
  addCommonFlags(addJsonFlag(command));
  command.action(([source, ...files]: readonly string[], flags: Flags) => runImport(context, source, files, flags));
}

async function runImport(
  context: CliContext,
  source: string | undefined,
  files: readonly string[],
  flags: Flags,
): Promise<void> {
  checkSource(source);
  if (source === QUALITY) {
    if (flags.path !== undefined) throw new UsageError("--path does not concern quality: name the files themselves.");
    const { runImportQuality } = await import("./import-quality.ts");
    return runImportQuality(context, files, flags);
  }
  refuseQualityFlags(source, files, flags);
  if (source === MOAI) {
    const { runImportMoai } = await import("./import-moai.ts");
    return runImportMoai(context, flags);
  }
  if (source === MOAI_FLOW) {
    const { runImportMoaiFlow } = await import("./import-moai-flow.ts");
    return runImportMoaiFlow(context, flags);
  }
  const roots = flags.path === undefined ? undefined : [await readableFolder(flags.path, context)];
  const startedAt = performance.now();
  const ledger = await context.openLedger(flags, { roots, products: source === undefined ? undefined : [source] });
  try {
    const { caughtUp, store } = ledger;
    if (caughtUp === undefined) throw new CommandError("Nothing was imported.");
    const millis = performance.now() - startedAt;
    const notes = await import("../output/transcript-notes.ts");
    if (flags.json) {
      const { renderJson } = await import("@moai-metrics/report");
      context.write(renderJson({ import: caughtUp.sources.map(documentOf), skipped: store.skipped() }));
    } else {
      const { accountLines } = await import("../output/import-account.ts");
      context.write(`${accountLines(caughtUp, millis).join("\n")}\n`);
      if (flags.verbose) context.write(`${notes.skippedLines(store.skipped()).join("\n")}\n`);
    }
    for (const line of notes.failureLines(caughtUp)) context.warn(line);
    await tidyUpImport(context, ledger, flags.timezone ?? context.environment.timeZone);
    const { writeDueReports } = await import("../ledger/write-due-reports.ts");
    writeDueReports(context, ledger, { isUnhurried: true });
  } finally {
    ledger.close();
  }
}

function checkSource(source: string | undefined): void {
  if (source === undefined || SOURCES.includes(source)) return;
  throw new UsageError(`"${source}" is not a source. Sources: ${SOURCES.join(", ")}.`);
}

/** What only `quality` understands would otherwise do nothing. */
function refuseQualityFlags(source: string | undefined, files: readonly string[], flags: QualityFlags): void {
  const [file] = files;
  if (file !== undefined) {
    throw new UsageError(`import ${source} takes no files. To import reports: moai-metrics import quality ${file}`);
  }
  for (const name of ["project", "at", "files"] as const) {
    if (flags[name] !== undefined) throw new UsageError(`--${name} concerns only import quality.`);
  }
}

async function readableFolder(path: string, context: CliContext): Promise<string> {
  const [{ statSync }, { resolve }] = await Promise.all([import("node:fs"), import("node:path")]);
  const folder = resolve(context.environment.workingFolder, path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new CommandError(`--path ${folder}: there is no such folder.`);
}

function documentOf({ refused, skipped, ...outcome }: SourceOutcome): Record<string, unknown> {
  return { ...outcome, refused: Object.fromEntries(refused), skipped: Object.fromEntries(skipped) };
}
