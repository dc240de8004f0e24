/** `db rebuild`: the rollups anew from the ledger. */
import { formatCount, renderJson } from "@moai-metrics/report";
import type { RebuildProgress } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import type { DbFlags } from "./db.ts";

/** Makes every rollup anew that the ledger can still tell. */
export async function rebuildFile(context: CliContext, flags: DbFlags): Promise<void> {
  const onProgress = context.environment.isProgressVisible ? progressTeller(context.warn) : undefined;
  const days = await withStoreHere(context, flags, (store) => store.rebuildRollups(onProgress), { isWriting: true });
  if (flags.json) context.write(renderJson({ rebuild: { days } }));
  else context.write(`The rollups of ${formatCount(days)} days were made anew from the ledger.\n`);
}

/** Tells a line for every tenth of the days. */
function progressTeller(warn: (line: string) => void): (progress: RebuildProgress) => void {
  let told = 0;
  return ({ daysDone, daysTotal }) => {
    const tenth = Math.floor((daysDone / daysTotal) * 10);
    if (tenth === told) return;
    told = tenth;
    warn(`adding up the ledger … ${formatCount(daysDone)} of ${formatCount(daysTotal)} days`);
  };
}
