/** Opens the store for commands that look after the file itself: nothing is collected. */
import type { Store, StoreOptions } from "@moai-metrics/store";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags/declare.ts";
import { migrationTeller } from "./migration-teller.ts";

/** A person who looks after the file waits for others. */
const BUSY_TIMEOUT_MILLIS = 5_000;

/** Where the store lies. */
export async function storePath(context: CliContext, flags: Pick<CommonFlags, "storage">): Promise<string> {
  const { databasePath, resolveStorageFolder } = await import("@moai-metrics/settings");
  return databasePath(resolveStorageFolder({ storage: flags.storage, environment: context.environment.variables }));
}

/** What the settings say, for work that depends on it, and what the work needs. */
export interface StoreHereOptions extends Pick<StoreOptions, "prices" | "settings"> {
  /** The work is of no use where nothing can be written: why not is told at once, and once. */
  readonly isWriting?: boolean | undefined;
}

/**
 * Opens the store, lets `work` use it, and closes it. A store that is not there is not made.
 *
 * @throws StoreError `read_only` or `newer_version` for work that writes.
 */
export async function withStoreHere<T>(
  context: CliContext,
  flags: Pick<CommonFlags, "storage">,
  work: (store: Store) => T | Promise<T>,
  { isWriting = false, ...options }: StoreHereOptions = {},
): Promise<T> {
  const [{ openStore, StoreError }, path, { existsSync }] = await Promise.all([
    import("@moai-metrics/store"),
    storePath(context, flags),
    import("node:fs"),
  ]);
  if (!existsSync(path)) {
    throw new StoreError("not_found", `There is no store at ${path}. Run "moai-metrics import" to create it.`);
  }
  let store: Store;
  try {
    const onMigration = migrationTeller(context.warn);
    store = openStore({ ...options, path, busyTimeoutMillis: BUSY_TIMEOUT_MILLIS, onMigration });
  } catch (error) {
    // What only reads can still be done.
    if (isWriting || !(error instanceof StoreError && error.code === "read_only")) throw error;
    store = openStore({ ...options, path, readOnly: true });
  }
  try {
    if (store.notice !== undefined) {
      if (isWriting) throw new StoreError("newer_version", store.notice);
      context.warn(store.notice);
    }
    return await work(store);
  } finally {
    store.close();
  }
}
