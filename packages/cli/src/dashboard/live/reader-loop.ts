/** When the reading thread reads what: at once what was asked for, soon what was written, now and then everything. */
import { NO_READINGS, type Readings } from "@moai-metrics/report";
import { openStore, type Store, StoreError } from "@moai-metrics/store";
import { readStoreFiles } from "../readings/process-readings.ts";
import { createDashboardReader, type DashboardReader } from "./dashboard-reader.ts";
import type { FromReader, ReaderPlace, ToReader } from "./messages.ts";

/** Every read is of other pages; the system keeps those that are asked for again. */
const CACHE_BYTES = 2_000_000;

/** What will pass. */
const WAITS: Partial<Record<StoreError["code"], (path: string) => string>> = {
  not_found: (path) => `Nothing is stored yet at ${path}: waiting.`,
  busy: (path) => `Another process keeps ${path} to itself: waiting until it lets go.`,
};

/** The loop; someone else decides when it looks. */
export interface ReaderLoop {
  /** Looks whether there is something to read, and reads it. @returns whether there was. */
  look(): boolean;
  take(message: Extract<ToReader, { readonly kind: "question" | "readings" }>): void;
  close(): void;
}

/** What the loop needs besides its place. */
export interface ReaderLoopOptions {
  readonly now: () => number;
  readonly say: (message: FromReader) => void;
}

/** Creates the loop. The store is opened with the first look, and anew when it was replaced. */
export function createReaderLoop(place: Omit<ReaderPlace, "sources">, { now, say }: ReaderLoopOptions): ReaderLoop {
  let store: Store | undefined;
  let reader: DashboardReader | undefined;
  let question = place.question;
  let readings: Readings = NO_READINGS;
  let dueMillis = Number.NEGATIVE_INFINITY;
  let isDetailDue = false;
  let hasChanged = false;
  let problem: string | undefined;
  let inode: number | undefined;

  const close = (): void => {
    store?.close();
    store = undefined;
    reader = undefined;
  };

  const open = (): DashboardReader => {
    const files = readStoreFiles(place.path);
    // A file that was replaced would answer with its old state for ever.
    if (files?.inode !== inode) close();
    inode = files?.inode;
    store ??= openStore({ path: place.path, readOnly: true, cacheBytes: CACHE_BYTES });
    reader ??= createDashboardReader(store, { ...place, question });
    if (place.isOwnData && files !== undefined) readings = { ...readings, store: files.sizes };
    return reader;
  };

  const read = (): boolean => {
    const nowMillis = now();
    const isNew = reader === undefined;
    const opened = open();
    hasChanged = opened.hasChanged() || hasChanged;
    const isDue = isNew || nowMillis >= dueMillis;
    if (!isDue && !hasChanged && !isDetailDue) return false;
    if (isDue || hasChanged) {
      const { dashboard, warnings } = isDue ? opened.read(nowMillis, readings) : opened.readQueue(nowMillis, readings);
      say({ kind: "dashboard", dashboard, warnings });
    }
    if (question.detail !== undefined && (isDetailDue || hasChanged)) {
      say({ kind: "detail", detail: opened.readDetail(nowMillis, question.detail) });
    }
    // Only now: what could not be read because someone was in the way is still due.
    if (isDue) dueMillis = isNew ? nowMillis : nowMillis + place.intervalMillis;
    hasChanged = false;
    isDetailDue = false;
    return true;
  };

  const look = (): boolean => {
    try {
      const hasRead = read();
      problem = undefined;
      return hasRead;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // Someone else writes: the next look is soon. Only who keeps the whole file is in the way of opening it.
      if (error.code === "busy" && reader !== undefined) return false;
      close();
      const message = WAITS[error.code]?.(place.path) ?? error.message;
      if (problem !== message) say({ kind: "problem", message });
      problem = message;
      return false;
    }
  };

  return {
    look,
    take: (message) => {
      if (message.kind === "readings") {
        if (readings.dashboard === null) dueMillis = Number.NEGATIVE_INFINITY;
        readings = { ...readings, receiver: message.receiver, dashboard: message.process };
        return;
      }
      const isOtherView =
        JSON.stringify([question.choice, question.filter]) !==
        JSON.stringify([message.question.choice, message.question.filter]);
      question = message.question;
      isDetailDue = question.detail !== undefined;
      if (isOtherView) {
        reader?.ask(question);
        dueMillis = Number.NEGATIVE_INFINITY;
      }
      look();
    },
    close,
  };
}
