/** What the daemon does over and over: catches up with transcripts and the spool, and looks after the file. */
import type { AgentEnvironment, TranscriptSource } from "@moai-metrics/agents";
import { type Store, StoreError, type UsableStore } from "@moai-metrics/store";
import { catchUp } from "../catch-up.ts";
import { type ConfigOfProject, createTrackingStore } from "../tracking-store.ts";
import type { BackgroundEvent } from "./messages.ts";

/** One thing that is done in every round. */
export interface PeriodicJob {
  readonly name: string;
  /** @throws StoreError when the file cannot be used now: the next round tries again. */
  run(store: Store): void | Promise<void>;
}

/** Options of {@link createPeriodicWork}. */
export interface PeriodicWorkOptions {
  readonly file: UsableStore;
  readonly jobs: readonly PeriodicJob[];
  readonly tell: (event: BackgroundEvent) => void;
  /** Told when a job found the file in use by others, so that it is done soon and not only with the next round. */
  readonly onBusy?: (() => void) | undefined;
}

/** One round: every job, whatever became of the others. What is wrong is told once, until it is right again. */
export function createPeriodicWork({ file, jobs, tell, onBusy }: PeriodicWorkOptions): () => Promise<void> {
  const told = new Map<string, string>();
  return async () => {
    for (const { name, run } of jobs) {
      try {
        await file.use((store) => run(store));
        told.delete(name);
      } catch (error) {
        // Whoever else writes will be done soon.
        if (error instanceof StoreError && error.code === "busy") {
          onBusy?.();
          continue;
        }
        const message = `${name}: ${error instanceof Error ? error.message : String(error)}`;
        if (told.get(name) !== message) tell({ kind: "warning", message });
        told.set(name, message);
      }
    }
  };
}

/** Options of {@link createCatchUpJob}. */
export interface CatchUpJobOptions {
  readonly sources: readonly TranscriptSource[];
  readonly environment: AgentEnvironment;
  readonly spoolFolder: string;
  readonly configOf: ConfigOfProject;
  /** Stops behind the current line when aborted. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly tell: (event: BackgroundEvent) => void;
  /** Called again and again while much is read. */
  readonly onProgress?: (() => void) | undefined;
}

/** Reads what is new in the transcripts and in the spool, and closes tasks that have fallen silent. */
export function createCatchUpJob(options: CatchUpJobOptions): PeriodicJob {
  const { sources, environment, spoolFolder, configOf, signal, now, tell, onProgress } = options;
  const badFiles = new Set<string>();
  const warnOnce = (path: string, message: string): void => {
    if (badFiles.has(path)) return;
    badFiles.add(path);
    tell({ kind: "warning", message });
  };
  return {
    name: "transcripts and spool",
    run: (store) => {
      const tracking = createTrackingStore(store, configOf);
      const outcome = catchUp(tracking, sources, { environment, spoolFolder, nowMillis: now(), signal, onProgress });
      for (const { failures } of outcome.sources) {
        for (const { path, code } of failures) warnOnce(path, `${path} cannot be read (${code}); it is tried again.`);
      }
      for (const path of outcome.spool?.unreadableFiles ?? []) {
        warnOnce(path, `${path} is of a newer version, or cannot be read; it is left where it is.`);
      }
      for (const path of outcome.spool?.brokenFiles ?? []) {
        tell({ kind: "warning", message: `${path} is damaged; it was set aside as ${path}.broken.` });
      }
      for (const path of outcome.hooks?.brokenFiles ?? []) {
        tell({ kind: "warning", message: `${path} holds no hook; it was set aside as ${path}.broken.` });
      }
      const drained = [outcome.spool, outcome.hooks].filter((each) => each !== undefined);
      const facts = [...outcome.sources, ...drained].reduce((sum, each) => sum + each.facts, 0);
      const files =
        outcome.sources.reduce((sum, each) => sum + each.filesRead, 0) +
        drained.reduce((sum, each) => sum + each.filesDrained, 0);
      if (files > 0) tell({ kind: "caught_up", facts, points: outcome.spool?.points ?? 0, files });
    },
  };
}
