/** `db salvage`: saves what can be read of a damaged file. */
import { formatCount, renderJson } from "@moai-metrics/report";
import type { SalvagedTable, SalvageOutcome } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { storePath } from "../ledger/open-store-here.ts";
import type { DbFlags } from "./db.ts";

/** Moves the file aside, and makes a new one of what can be read. */
export async function salvageFile(context: CliContext, flags: DbFlags): Promise<void> {
  const { salvageStore } = await import("@moai-metrics/store");
  const tell = context.environment.isProgressVisible
    ? (table: string) => context.warn(`reading ${table} …`)
    : undefined;
  const outcome = salvageStore(await storePath(context, flags), { nowMillis: context.now(), onProgress: tell });
  context.write(flags.json ? renderJson({ salvage: outcome }) : `${outcomeLines(outcome).join("\n")}\n`);
}

function outcomeLines({ movedTo, isReadable, tables }: SalvageOutcome): string[] {
  return [
    `The damaged file was moved to ${movedTo}. Nothing of it was deleted.`,
    ...(isReadable
      ? tables.filter(({ recovered, rejected, gaps }) => recovered + rejected + gaps > 0).map(tableLine)
      : []),
    isReadable ? "The rollups were made anew from the ledger." : "Nothing in it could be read; the new file is empty.",
    'Transcripts fill in what they know of the rest: run "moai-metrics import".',
  ];
}

function tableLine({ table, recovered, rejected, gaps, lost }: SalvagedTable): string {
  const parts = [
    `${rows(recovered)} saved`,
    ...(gaps > 0 ? [`${formatCount(gaps)} unreadable ${gaps === 1 ? "stretch" : "stretches"}`] : []),
    ...(gaps > 0 ? [lost === undefined ? "number of lost rows unknown" : `${rows(lost)} lost`] : []),
    ...(rejected > 0 ? [`${rows(rejected)} not usable`] : []),
  ];
  return `  ${table.padEnd(20)} ${parts.join(", ")}`;
}

function rows(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "row" : "rows"}`;
}
