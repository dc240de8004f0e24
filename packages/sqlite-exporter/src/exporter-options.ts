/** What the exporters of this package are told. */
import { resolve } from "node:path";
import type { StoreSettingsOptions } from "@moai-metrics/store";

/** Where an exporter writes. */
export interface SqliteExporterOptions {
  /** Storage folder: the database is `metrics.db` inside. It is created when missing. */
  readonly storage: string;
  /** What the store keeps, for how long. All who write into one file of a process share this: the first decides. */
  readonly store?: StoreSettingsOptions | undefined;
}

/**
 * The storage folder as an absolute path.
 *
 * @throws TypeError when none is given.
 */
export function storageOf(options: SqliteExporterOptions): string {
  const storage: unknown = options?.storage;
  if (typeof storage !== "string" || storage.trim() === "") {
    throw new TypeError(
      `storage is ${JSON.stringify(storage)}; give the folder for the database, or use startMetrics(), which knows the user's own.`,
    );
  }
  return resolve(storage);
}
