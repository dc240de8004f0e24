/** Brings the store up to date with the transcripts on disk. */
import type { AgentEnvironment, TranscriptDiscovery, TranscriptFinder, TranscriptSource } from "@moai-metrics/agents";
import type { Store } from "@moai-metrics/store";
import { drainHooks, type HooksOutcome } from "./drain-hooks.ts";
import { drainSpool, type SpoolOutcome } from "./drain-spool.ts";
import { type CatchUpPlan, type PlannedRead, planCatchUp } from "./plan-catch-up.ts";
import { projectSpools } from "./project-spools.ts";
import { addCounts, type BatchWriter, createBatchWriter } from "./write-batches.ts";

/** How to catch up. */
export interface CatchUpOptions {
  /** Where the sources look for their files. */
  readonly environment: AgentEnvironment;
  /** Folder of the spool, whose waiting facts and hooks are written as well; none by default. */
  readonly spoolFolder?: string | undefined;
  /** The folder that one stands in: hooks may have left their files in its project. */
  readonly workingFolder?: string | undefined;
  /** Folders to search instead of each source's own. */
  readonly roots?: readonly string[] | undefined;
  /** The time at which silent tasks are judged. */
  readonly nowMillis: number;
  /** Called after every chunk and every file. */
  readonly onProgress?: ((progress: CatchUpProgress) => void) | undefined;
  /** Stops behind the current line when aborted; what was read until then is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a catch-up is. */
export interface CatchUpProgress {
  readonly label: string;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** A transcript that could not be read. It will be tried again the next time. */
export interface FileFailure {
  readonly path: string;
  /** The system's error code, such as `EACCES`. */
  readonly code: string;
}

/** What a catch-up did for one product. */
export interface SourceOutcome {
  readonly product: string;
  readonly label: string;
  /** Where it looked. */
  readonly roots: readonly string[];
  readonly filesFound: number;
  readonly filesRead: number;
  readonly filesUnchanged: number;
  readonly bytesRead: number;
  /** Facts read. */
  readonly facts: number;
  /** Rows that are new in the ledger. */
  readonly inserted: number;
  /** Rows to which a fact added something. */
  readonly changed: number;
  /** Facts that the store would not take, by reason. */
  readonly refused: ReadonlyMap<string, number>;
  /** What was read this time and gave no fact, and folders that could not be searched, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly failures: readonly FileFailure[];
}

/** What a catch-up did. */
export interface CatchUpOutcome {
  readonly sources: readonly SourceOutcome[];
  /** What waited in the spool; undefined when none was named. */
  readonly spool: SpoolOutcome | undefined;
  /** What hooks had left in the spool; undefined when none was named. */
  readonly hooks: HooksOutcome | undefined;
  /** Tasks closed as `unknown` because they had fallen silent. */
  readonly silentTasksClosed: number;
  /** The signal stopped it before all was read. */
  readonly isInterrupted: boolean;
}

/** A catch-up that has looked at what there is and has not begun to read. */
export interface PreparedCatchUp {
  /** Bytes of transcripts to read. */
  readonly totalBytes: number;
  /** Transcripts to read. Where there are none, `run` needs no sources. */
  readonly filesToRead: number;
  /**
   * Reads and writes. Facts and the position behind them are committed together, so a run that is killed at any point
   * goes on where the last commit was. A file that cannot be read is reported and does not stop the others.
   *
   * @param sources readers of the products that there is something to read of.
   * @throws StoreError when the store cannot be written.
   */
  run(sources: readonly TranscriptSource[]): CatchUpOutcome;
}

/** Finds the transcripts of each product and what is new in them. */
export function prepareCatchUp(
  store: Store,
  finders: readonly TranscriptFinder[],
  options: CatchUpOptions,
): PreparedCatchUp {
  const prepared = finders.map((finder) => prepareProduct(store, finder, options));
  return {
    totalBytes: prepared.reduce((sum, { plan }) => sum + plan.totalBytes, 0),
    filesToRead: prepared.reduce((sum, { plan }) => sum + plan.reads.length, 0),
    run: (sources) => {
      const outcome = {
        sources: prepared.map((product) => catchUpProduct(store, product, sources, options)),
        spool: options.spoolFolder === undefined ? undefined : drainSpool(store, options.spoolFolder),
        hooks: options.spoolFolder === undefined ? undefined : drainAllHooks(store, options.spoolFolder, options),
        silentTasksClosed: store.closeSilentTasks(options.nowMillis),
        isInterrupted: options.signal?.aborted ?? false,
      };
      store.countSilentSessions(options.nowMillis);
      return outcome;
    },
  };
}

/** Hooks of the user's spool, and of projects that are known or that one stands in. */
function drainAllHooks(store: Store, spoolFolder: string, { workingFolder, nowMillis }: CatchUpOptions): HooksOutcome {
  return drainHooks(store, [spoolFolder, ...projectSpools(store.ledger.projects(), workingFolder)], nowMillis);
}

/** Prepares and runs at once. */
export function catchUp(store: Store, sources: readonly TranscriptSource[], options: CatchUpOptions): CatchUpOutcome {
  return prepareCatchUp(store, sources, options).run(sources);
}

interface PreparedProduct {
  readonly finder: TranscriptFinder;
  readonly roots: readonly string[];
  readonly discovery: TranscriptDiscovery;
  readonly plan: CatchUpPlan;
}

function prepareProduct(store: Store, finder: TranscriptFinder, options: CatchUpOptions): PreparedProduct {
  const roots = options.roots ?? finder.roots(options.environment);
  const discovery = finder.discover(roots);
  return { finder, roots, discovery, plan: planCatchUp(discovery.files, store.transcripts(finder.product)) };
}

function catchUpProduct(
  store: Store,
  { finder, roots, discovery, plan }: PreparedProduct,
  sources: readonly TranscriptSource[],
  options: CatchUpOptions,
): SourceOutcome {
  const source = sources.find(({ product }) => product === finder.product);
  if (source === undefined && plan.reads.length > 0) {
    throw new RangeError(`run needs the source of ${finder.label}: there are transcripts to read.`);
  }
  const reading = source === undefined ? NOTHING_READ : readAll(store, source, plan, options);
  const skipped = new Map(discovery.skipped);
  addCounts(skipped, reading.skipped);
  const { written } = reading;
  return {
    product: finder.product,
    label: finder.label,
    roots,
    filesFound: discovery.files.length,
    filesRead: reading.filesRead,
    filesUnchanged: plan.unchangedFiles,
    bytesRead: reading.bytesRead,
    facts: written.facts,
    inserted: written.inserted,
    changed: written.changed,
    refused: written.refused,
    skipped,
    failures: reading.failures,
  };
}

interface Reading {
  readonly written: BatchWriter["written"];
  readonly skipped: Map<string, number>;
  readonly failures: FileFailure[];
  filesRead: number;
  bytesRead: number;
}

const NOTHING_READ: Reading = {
  written: { facts: 0, inserted: 0, changed: 0, refused: new Map() },
  skipped: new Map(),
  failures: [],
  filesRead: 0,
  bytesRead: 0,
};

function readAll(
  store: Store,
  source: TranscriptSource,
  plan: CatchUpPlan,
  { signal, onProgress }: CatchUpOptions,
): Reading {
  const writer = createBatchWriter(store, source.product);
  const reading: Reading = { written: writer.written, skipped: new Map(), failures: [], filesRead: 0, bytesRead: 0 };
  const report = (filesDone: number): void =>
    onProgress?.({
      label: source.label,
      filesDone,
      filesTotal: plan.reads.length,
      bytesDone: reading.bytesRead,
      bytesTotal: plan.totalBytes,
    });
  for (const [index, read] of plan.reads.entries()) {
    if (signal?.aborted) break;
    const state = read.fromBytes === undefined ? undefined : store.readingState(read.file.path);
    readFile(writer, source, read, state, reading, signal, () => report(index));
    report(index + 1);
  }
  writer.flush();
  return reading;
}

function readFile(
  writer: BatchWriter,
  source: TranscriptSource,
  { file, fromBytes }: PlannedRead,
  state: string | undefined,
  reading: Reading,
  signal: AbortSignal | undefined,
  onChunk: () => void,
): void {
  const from = fromBytes === undefined || state === undefined ? undefined : { offsetBytes: fromBytes, state };
  if (from === undefined) writer.restart(file);
  for (const chunk of source.read(file, from, { signal })) {
    addCounts(reading.skipped, chunk.skipped);
    if (chunk.failure !== undefined) {
      reading.failures.push({ path: file.path, code: chunk.failure });
      return;
    }
    writer.add(file, chunk);
    reading.bytesRead += chunk.bytesRead;
    onChunk();
  }
  if (signal?.aborted) return;
  writer.finish(file, from);
  reading.filesRead++;
}
