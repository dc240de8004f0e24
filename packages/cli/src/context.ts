/** What every command is handed. */
import type { CatchUpOutcome } from "@moai-metrics/receiver";
import type { LoadedConfig } from "@moai-metrics/settings";
import type { Store } from "@moai-metrics/store";
import type { CliEnvironment } from "./environment.ts";
import type { CommonFlags } from "./flags/declare.ts";

/** The store that a command answers from. */
export interface OpenLedger {
  readonly store: Store;
  /** The storage folder; undefined for data that is not the user's own. */
  readonly storage: string | undefined;
  /** What catching up did; undefined when it was not tried, or did not succeed. */
  readonly caughtUp: CatchUpOutcome | undefined;
  close(): void;
}

/** Which transcripts a store is brought up to date with: those of every product, where it keeps them, by default. */
export interface TranscriptChoice {
  /** Folders to search instead of the products' own. */
  readonly roots?: readonly string[] | undefined;
  /** Products as facts name them. */
  readonly products?: readonly string[] | undefined;
}

/** What commands work with: where they read, where they write, what time it is. */
export interface CliContext {
  readonly environment: CliEnvironment;
  /** What the data is, when it is not the user's own: shown above every screen. */
  readonly dataLabel: string | undefined;
  /** What to type next, for screens that have room to say so. */
  readonly nextStep: string;
  /** Opens the store, brought up to date first. */
  openLedger(flags: CommonFlags, transcripts?: TranscriptChoice): Promise<OpenLedger>;
  /**
   * The settings that hold where the command was typed.
   * @throws ConfigError for a file that cannot be used.
   */
  loadConfig(flags: Pick<CommonFlags, "config">): Promise<LoadedConfig>;
  now(): number;
  /** Writes to standard output. */
  write(text: string): void;
  /** Writes pieces to standard output, each when its reader has taken the ones before. */
  writeAll(pieces: AsyncIterable<string | Uint8Array>): Promise<void>;
  /** Writes one line to standard error. */
  warn(line: string): void;
  /** Asks a question that is answered with yes or no; undefined when nobody is there to answer. */
  confirm(question: string): Promise<boolean | undefined>;
}
