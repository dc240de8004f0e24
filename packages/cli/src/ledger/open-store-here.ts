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

/**
 * Opens the store, lets `work` use it, and closes it. A store that is not there is not made.
 *
 * @param options what the settings say, for work that depends on them: prices, how long data is kept.
 */
export async function withStoreHere<T>(
  context: CliContext,
  flags: Pick<CommonFlags, "storage">,
  work: (store: Store) => T | Promise<T>,
  options: Pick<StoreOptions, "prices" | "settings"> = {},
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
    // What only reads can still be done; what writes says that it cannot.
    if (!(error instanceof StoreError && error.code === "read_only")) throw error;
    store = openStore({ ...options, path, readOnly: true });
  }
  try {
    if (store.notice !== undefined) context.warn(store.notice);
    return await work(store);
  } finally {
    store.close();
  }
}
