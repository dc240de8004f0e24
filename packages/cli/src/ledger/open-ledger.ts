/** Opens the user's store and brings it up to date with what the agents left on disk. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { CatchUpOutcome, CatchUpProgress } from "@moai-metrics/receiver";
import type { MetricsConfig } from "@moai-metrics/settings";
import type { Store, StoreError } from "@moai-metrics/store";
import type { OpenLedger, TranscriptChoice } from "../context.ts";
import type { CliEnvironment } from "../environment.ts";
import { UsageError } from "../errors.ts";
import type { CommonFlags } from "../flags/declare.ts";
import { limitHeapGrowth } from "./limit-heap.ts";
import { migrationTeller } from "./migration-teller.ts";

/** What opening needs. */
export interface OpenLedgerOptions {
  readonly environment: CliEnvironment;
  readonly config: MetricsConfig;
  readonly nowMillis: number;
  readonly warn: (line: string) => void;
  readonly onProgress?: ((progress: CatchUpProgress) => void) | undefined;
  readonly transcripts?: TranscriptChoice | undefined;
  /** When there is more to read than this, nothing is read. Default: everything is. */
  readonly maxBytesToRead?: number | undefined;
  /** How long to wait for another process that writes. Default 5,000. */
  readonly busyTimeoutMillis?: number | undefined;
}

/** A command has nothing better to do than to wait for another one that writes. */
const BUSY_TIMEOUT_MILLIS = 5_000;

/** Less than this cannot make much garbage. */
const MUCH_TO_READ_BYTES = 32_000_000;

/**
 * Opens the store and catches up. A store that another process holds, or that may only be read, is answered from as
 * it is, with a warning.
 *
 * @throws StoreError when there is no store that could be read.
 */
export async function openLedger(flags: CommonFlags, options: OpenLedgerOptions): Promise<OpenLedger> {
  const { environment, config, warn, busyTimeoutMillis = BUSY_TIMEOUT_MILLIS } = options;
  const [{ openStore, StoreError, storeSettingsOf }, { databasePath, resolveStorageFolder, spoolFolder }] =
    await Promise.all([import("@moai-metrics/store"), import("@moai-metrics/settings")]);
  const storage = resolveStorageFolder({ storage: flags.storage, environment: environment.variables });
  refuseFile(storage);
  const path = databasePath(storage);
  if (environment.isDisabled) {
    warn("MOAI_METRICS_DISABLED is set: nothing new was collected.");
    return ledgerOf(openStore({ path, readOnly: true }), undefined);
  }
  let store: Store | undefined;
  try {
    store = openStore({
      path,
      busyTimeoutMillis,
      onMigration: migrationTeller(warn),
      settings: storeSettingsOf(config),
      prices: config.prices,
    });
    if (store.notice !== undefined) {
      warn(store.notice);
      return ledgerOf(store, undefined);
    }
    return { ...ledgerOf(store, await runCatchUp(store, spoolFolder(storage), options)), storage };
  } catch (error) {
    if (!(error instanceof StoreError && isReadable(error))) {
      store?.close();
      throw error;
    }
    store ??= openStore({ path, readOnly: true });
    warn(`${error.message} Showing what is stored; new data was not collected.`);
    return ledgerOf(store, undefined);
  }
}

/** @throws UsageError when the storage is named like a file, or is one. */
function refuseFile(storage: string): void {
  if (!storage.endsWith(".db") && !statSync(storage, { throwIfNoEntry: false })?.isFile()) return;
  throw new UsageError(
    `--storage and MOAI_METRICS_STORAGE take a folder, in which metrics.db lies; ${storage} is a file. ` +
      `Try --storage ${dirname(storage)}.`,
  );
}

/** Reads what is new in the transcripts of every agent that we can read, and what waits in the spool. */
async function runCatchUp(
  store: Store,
  spoolFolder: string,
  { environment, nowMillis, onProgress, transcripts = {}, warn, maxBytesToRead }: OpenLedgerOptions,
): Promise<CatchUpOutcome | undefined> {
  const [{ createTrackingStore, prepareCatchUp, projectConfigs }, { TRANSCRIPT_FINDERS }] = await Promise.all([
    import("@moai-metrics/receiver"),
    import("@moai-metrics/agents/finders"),
  ]);
  const { homeFolder, variables } = environment;
  const tracking = createTrackingStore(store, projectConfigs(environment.variables, warn));
  const { products } = transcripts;
  const finders =
    products === undefined
      ? TRANSCRIPT_FINDERS
      : TRANSCRIPT_FINDERS.filter(({ product }) => products.includes(product));
  const prepared = prepareCatchUp(tracking, finders, {
    environment: { homeFolder, variables },
    spoolFolder,
    workingFolder: environment.workingFolder,
    nowMillis,
    onProgress,
    roots: transcripts.roots,
  });
  if (maxBytesToRead !== undefined && prepared.totalBytes > maxBytesToRead) return undefined;
  if (prepared.totalBytes >= MUCH_TO_READ_BYTES) limitHeapGrowth();
  if (prepared.filesToRead === 0) return prepared.run([]);
  const { createTranscriptSources } = await import("@moai-metrics/agents");
  return prepared.run(createTranscriptSources());
}

/** Wraps a store that is open already. */
export function ledgerOf(store: Store, caughtUp: CatchUpOutcome | undefined): OpenLedger {
  return { store, caughtUp, storage: undefined, close: () => store.close() };
}

/** The file is fine; only writing it is not possible now. */
function isReadable(error: StoreError): boolean {
  return error.code === "busy" || error.code === "read_only" || error.code === "full";
}
