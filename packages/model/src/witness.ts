/**
 * Who says so. The same fact reaches us from several witnesses (a transcript line, a span, the process itself);
 * per group of fields the witness of the higher rank wins, and at equal rank the greater value.
 */

/**
 * Ranks, higher is better. A line copied into a side conversation ranks just below the original.
 * Gaps are left for witnesses that later receivers bring.
 */
export const WITNESS_RANK = {
  /** We concluded it ourselves, for example from silence. */
  inferred: 1,
  /** What a product counted in its own metric: the tokens of a quarter hour, not of a call. */
  metric: 10,
  /** An OpenTelemetry span. */
  span: 40,
  /** A span inside of another one that names the same response: what the outer one tells may be a sum. */
  innerSpan: 42,
  /** A hook that the agent called. */
  hook: 43,
  /** An OpenTelemetry log record that the agent sent. */
  log: 45,
  /** A transcript line marked as side conversation. */
  transcriptSidechain: 49,
  /** A transcript line. */
  transcript: 50,
  /** A file that a tool wrote about its own work, such as a coverage report. */
  toolReport: 55,
  /** The instrumented process itself, through the fact sink. */
  process: 60,
} as const;

/** The name of a witness. */
export type Witness = keyof typeof WITNESS_RANK;

/**
 * The bit of each witness in a set of witnesses; spans are one witness, wherever they lie. Part of the file format: a bit
 * never changes its meaning, and a new witness takes the next one.
 */
export const WITNESS_BITS: Readonly<Record<Witness, number>> = Object.freeze({
  inferred: 1,
  span: 2,
  innerSpan: 2,
  hook: 4,
  log: 8,
  transcriptSidechain: 16,
  transcript: 32,
  toolReport: 64,
  process: 128,
  metric: 256,
});

/** The set of the witnesses that have one of the given ranks; ranks that no witness has are left out. */
export function witnessesOfRanks(ranks: readonly number[]): number {
  let set = 0;
  for (const [witness, bit] of Object.entries(WITNESS_BITS)) {
    if (ranks.includes(WITNESS_RANK[witness as Witness])) set |= bit;
  }
  return set;
}
