/** Taking over what another store holds. */
import type { FileChange, QualityFact } from "@moai-metrics/model";
import type { UnitPrices } from "@moai-metrics/settings";
import type { ModelCallState } from "../merge/model-call.ts";
import type { SessionState } from "../merge/session.ts";
import type { TaskState } from "../merge/task.ts";
import type { ToolCallState } from "../merge/tool-call.ts";

/** What a call costs in another store. */
export interface OfferedCost {
  /** The call that costs so. */
  readonly state: ModelCallState;
  /** Undefined: no price was known. */
  readonly nanoUsd: number | undefined;
  readonly prices: UnitPrices | undefined;
}

/** Rows of another store, as what is known of each fact, with the ranks of its witnesses. */
export interface AdoptedRows {
  readonly sessions?: readonly {
    readonly product: string;
    readonly sessionId: string;
    readonly state: SessionState;
    readonly tags: readonly { readonly key: string; readonly value: string; readonly rank: number }[];
  }[];
  readonly tasks?: readonly { readonly product: string; readonly taskId: string; readonly state: TaskState }[];
  readonly calls?: readonly AdoptedCall[];
  readonly tools?: readonly { readonly product: string; readonly state: ToolCallState }[];
  readonly files?: readonly AdoptedFiles[];
  readonly measurements?: readonly QualityFact[];
}

/** A model call of another store. */
export interface AdoptedCall {
  readonly product: string;
  readonly state: ModelCallState;
  /** The first and last quarter hour in which it was seen. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly cost: OfferedCost;
}

/** The files that one task changed in one way. */
export interface AdoptedFiles {
  readonly product: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly change: FileChange;
  readonly files: readonly { readonly pathHash: number; readonly atMillis: number }[];
  /** Whether the other store hashes paths under the same key. */
  readonly isSameKey: boolean;
}

/** Kinds of what is taken over, in the order in which that is done. */
export const ADOPTED_KINDS = ["sessions", "tasks", "calls", "tools", "files", "measurements", "points"] as const;
export type AdoptedKind = (typeof ADOPTED_KINDS)[number];

/** What became of one kind. */
export interface AdoptedCounts {
  /** In the other store. */
  readonly read: number;
  /** New here; of sessions and tasks also those that only their calls knew. */
  readonly added: number;
  /** Known here, and now better. */
  readonly changed: number;
  /** Not taken over, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What became of the other store. */
export interface MergeOutcome {
  readonly kinds: Readonly<Record<AdoptedKind, AdoptedCounts>>;
  /**
   * The first day (UTC, milliseconds) of which the other store still has single facts, where it has let go of older ones:
   * their sums were not taken over, for no one can tell what of them is here already.
   */
  readonly factsFromMillis: number | undefined;
}

/** How to merge. */
export interface MergeOptions {
  /** Path of the other file; it is only read. */
  readonly other: string;
  /** Called after each transaction. */
  readonly onProgress?: ((progress: { readonly kind: AdoptedKind; readonly read: number }) => void) | undefined;
}
