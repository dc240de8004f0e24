/** What the catch-up thread is told and what it answers. Everything here crosses the border between threads. */
import type { AgentEnvironment } from "@moai-metrics/agents";
import type { StoreErrorCode } from "@moai-metrics/store";
import type { CatchUpOutcome, CatchUpProgress } from "./catch-up.ts";

/** What to do. */
export interface CatchUpJob {
  /** Path of the database file. */
  readonly storePath: string;
  readonly environment: AgentEnvironment;
  readonly spoolFolder: string | undefined;
  readonly roots: readonly string[] | undefined;
  readonly nowMillis: number;
}

/** What the thread says, the outcome or failure last. */
export type CatchUpMessage =
  | { readonly kind: "progress"; readonly progress: CatchUpProgress }
  | { readonly kind: "outcome"; readonly outcome: CatchUpOutcome }
  | { readonly kind: "failure"; readonly code: StoreErrorCode | undefined; readonly message: string };
