/** `db vacuum`: cleans up now, to the end. */
import { formatCount, renderJson } from "@moai-metrics/report";
import type { MaintenanceOutcome } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import { formatBytes } from "../output/bytes.ts";
import type { DbFlags } from "./db.ts";

/** Cleans up whether it is due or not, and gives every free page back to the disk. */
export async function vacuumFile(context: CliContext, flags: DbFlags): Promise<void> {
  const [{ config }, { storeSettingsOf }] = await Promise.all([context.loadConfig({}), import("@moai-metrics/store")]);
  const outcome = await withStoreHere(
    context,
    flags,
    (store) => store.maintain({ nowMillis: context.now(), isThorough: true }),
    { settings: storeSettingsOf(config), isWriting: true },
  );
  if (outcome.state === "elsewhere") {
    throw new CommandError("Another process is cleaning up this store. Try again when it is done.");
  }
  context.write(flags.json ? renderJson({ vacuum: outcome }) : `${outcomeLines(outcome).join("\n")}\n`);
  if (outcome.state === "unfinished") {
    throw new CommandError("Others wrote all the time, so the clean-up is not finished. Try again.");
  }
}

function outcomeLines({ bytesBefore, bytesAfter, deleted }: MaintenanceOutcome): string[] {
  const rows = Object.entries(deleted).map(([table, count]) => `${formatCount(count)} of ${table}`);
  return [
    `${formatBytes(bytesBefore)} before, ${formatBytes(bytesAfter)} after (file and log)`,
    rows.length === 0 ? "No row of the ledger had expired." : `Expired rows deleted: ${rows.join(", ")}`,
  ];
}
