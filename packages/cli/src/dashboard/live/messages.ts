/** What travels between the screen's thread and the one that reads the store. */
import type {
  Dashboard,
  DashboardChoice,
  DashboardDetail,
  DetailSubject,
  ProcessReading,
  ReceiverReading,
} from "@moai-metrics/report";
import type { Environment, MetricsConfig } from "@moai-metrics/settings";
import type { FilterFlags } from "../../flags/declare.ts";

/** What the thread starts with. */
export interface ReaderPlace {
  /** Path of the database; it need not exist yet. */
  readonly path: string;
  readonly config: MetricsConfig;
  readonly timeZone: string;
  /** The zone is the system's, whose offsets are known without asking for them. */
  readonly isSystemZone: boolean;
  readonly workingFolder: string;
  /** How often figures of the period are read anew. */
  readonly intervalMillis: number;
  /** Sizes of files and the receiver mean nothing for data that is not the user's own. */
  readonly isOwnData: boolean;
  readonly question: ReaderQuestion;
  /** From where transcripts and the spool are taken in when that is asked for; undefined where nothing is collected. */
  readonly sources: SourcePlace | undefined;
}

/** Where what agents leave behind is looked for, and where it is stored. */
export interface SourcePlace {
  readonly storage: string;
  readonly environment: Environment;
  readonly homeFolder: string;
}

/** What is wanted. */
export interface ReaderQuestion {
  readonly choice: DashboardChoice;
  /** Names as they were typed. */
  readonly filter: FilterFlags;
  readonly detail: DetailSubject | undefined;
}

/** What the screen's thread says. */
export type ToReader =
  | { readonly kind: "question"; readonly question: ReaderQuestion }
  | { readonly kind: "readings"; readonly receiver: ReceiverReading | null; readonly process: ProcessReading }
  /** Whether transcripts and the spool are taken in from now on. */
  | { readonly kind: "taking_in"; readonly isOn: boolean }
  | { readonly kind: "stop" };

/** What the reading thread says. */
export type FromReader =
  | { readonly kind: "dashboard"; readonly dashboard: Dashboard; readonly warnings: readonly string[] }
  | { readonly kind: "detail"; readonly detail: DashboardDetail }
  /** The store cannot be read now; it is tried again. */
  | { readonly kind: "problem"; readonly message: string };
