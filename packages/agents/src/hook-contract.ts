/** What hooks leave, and what is made of it. */
import type { Fact } from "@moai-metrics/model";

/** Where a payload comes from. */
export interface HookFile {
  /** When the hook ran. */
  readonly atMillis: number;
  /** An id of the file that no other has, for payloads that carry none. */
  readonly id: string;
}

/** What a payload told. */
export interface HookFacts {
  readonly facts: readonly Fact[];
  /** What of it cannot be taken over, by reason. */
  readonly skipped: readonly string[];
}
