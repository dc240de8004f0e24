/** `db rebuild`: the rollups anew from the ledger. */
import { formatCount, renderJson } from "@moai-metrics/report";
import type { CliContext } from "../context.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import type { DbFlags } from "./db.ts";

/** Makes every rollup anew that the ledger can still tell. */
export async function rebuildFile(context: CliContext, flags: DbFlags): Promise<void> {
  if (context.environment.isProgressVisible) context.warn("adding up the ledger …");
  const days = await withStoreHere(context, flags, (store) => store.rebuildRollups());
  if (flags.json) context.write(renderJson({ rebuild: { days } }));
  else context.write(`The rollups of ${formatCount(days)} days were made anew from the ledger.\n`);
}
