/** `db stats`: how large everything is, and how old. */
import { formatCount, renderJson } from "@moai-metrics/report";
import type { StoreStats } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import { withStoreHere } from "../ledger/open-store-here.ts";
import { formatBytes } from "../output/bytes.ts";
import type { DbFlags } from "./db.ts";

/** Prints the figures of the store. */
export async function showStats(context: CliContext, flags: DbFlags): Promise<void> {
  const stats = await withStoreHere(context, flags, (store) => store.stats());
  context.write(flags.json ? renderJson({ stats }) : `${statsLines(stats).join("\n")}\n`);
}

function statsLines(stats: StoreStats): string[] {
  const { oldestDays, lastMaintenanceMillis } = stats;
  return [
    `${stats.path} (schema ${stats.schemaVersion})`,
    `file ${formatBytes(stats.fileBytes)}, free inside ${formatBytes(stats.freeBytes)}, ` +
      `log ${formatBytes(stats.walBytes)}, reserve ${formatBytes(stats.reserveBytes)}`,
    ...(stats.diskFreeBytes === undefined ? [] : [`free on the disk ${formatBytes(stats.diskFreeBytes)}`]),
    "",
    row("", "rows", "bytes"),
    ...stats.tiers.flatMap(({ tier, rows, bytes, tables }) => [
      row(tier, formatCount(rows), formatBytes(bytes)),
      ...tables.map((table) => row(`  ${table.table}`, formatCount(table.rows), formatBytes(table.bytes))),
    ]),
    "",
    `a model call takes ${perItem(stats.bytesPerModelCall)}, a point ${perItem(stats.bytesPerPoint)}`,
    `oldest day (UTC): ledger ${oldestDays.ledger ?? "-"}, rollups ${oldestDays.rollups ?? "-"}, ` +
      `points ${oldestDays.plainPoints ?? "-"},`,
    `                  compressed ${oldestDays.compressedPoints ?? "-"}, ` +
      `hourly ${oldestDays.hourlyPoints ?? "-"}, daily ${oldestDays.dailyPoints ?? "-"}`,
    stats.watermarkDay === undefined
      ? "watermark: none, the ledger holds everything it was told"
      : `watermark: ${stats.watermarkDay}; earlier days are in the rollups only`,
    `last clean-up: ${lastMaintenanceMillis === undefined ? "never" : new Date(lastMaintenanceMillis).toISOString()}`,
  ];
}

const NAME_WIDTH = 24;
const NUMBER_WIDTH = 14;

function row(name: string, rows: string, bytes: string): string {
  return name.padEnd(NAME_WIDTH) + rows.padStart(NUMBER_WIDTH) + bytes.padStart(NUMBER_WIDTH);
}

function perItem(bytes: number | undefined): string {
  return bytes === undefined ? "- (there is none)" : `${bytes.toFixed(bytes < 10 ? 2 : 1)} B`;
}
