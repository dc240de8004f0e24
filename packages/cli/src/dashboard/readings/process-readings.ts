/** What this process and the files of the store say of themselves. */
import { statSync } from "node:fs";
import type { ProcessReading, StoreReading } from "@moai-metrics/report";

/** The files of a store. */
export interface StoreFiles {
  readonly sizes: StoreReading;
  /** Another one when the database was replaced. */
  readonly inode: number;
}

/** Sizes of the database and of its log; undefined when there is no database. */
export function readStoreFiles(path: string): StoreFiles | undefined {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return undefined;
  const logBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return { sizes: { fileBytes: file.size, logBytes }, inode: file.ino };
}

/** Creates readings of this process; the share of busy time is since the reading before. */
export function createProcessReadings(): () => ProcessReading {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return { residentBytes: process.memoryUsage.rss(), busyShare: utilization };
  };
}
