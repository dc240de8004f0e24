/** What travels between the application's thread and the thread that writes. */
import type { Fact } from "@moai-metrics/model";
import type { EncodedPoints } from "./point-codec.ts";

/** Where the writing thread works. */
export interface WriterPlace {
  /** Path of the database file. */
  readonly path: string;
  /** Folder for facts that cannot be written now. */
  readonly spool: string;
}

/** One thing to write. */
export type Job =
  | { readonly kind: "facts"; readonly id: number; readonly facts: readonly Fact[] }
  | { readonly kind: "points"; readonly id: number; readonly points: EncodedPoints };

/**
 * What became of a job. `committed`: it is in the file, on disk. `spooled`: facts wait in the spool.
 * `failed`: it is lost here.
 */
export type JobOutcome =
  | {
      readonly id: number;
      readonly state: "committed";
      /** Facts or points that the store refused, by reason. */
      readonly refused: Readonly<Record<string, number>>;
    }
  | {
      readonly id: number;
      readonly state: "spooled" | "failed";
      /** Why it was not committed, in one line. */
      readonly reason: string;
    };
