/** The column `ranks` of a tool call: the ranks of its fields, and above them the set of its witnesses. */
import { witnessesOfRanks } from "@moai-metrics/model";
import { packRanks, unpackRanks } from "../merge/rank-packing.ts";

/** Session and start, task, tool, end, outcome, lines. */
const RANKED_FIELDS = 6;
const WITNESSES_UNIT = 64 ** RANKED_FIELDS;

/** @param seenBy set of bits of `WITNESS_BITS`. */
export function packToolRanks(ranks: readonly number[], seenBy: number): number {
  return packRanks(ranks) + seenBy * WITNESSES_UNIT;
}

/** In rows of earlier versions the set is missing: those are known that told something better than all others. */
export function unpackToolRanks(packed: number): { readonly ranks: readonly number[]; readonly seenBy: number } {
  const ranks = unpackRanks(packed, RANKED_FIELDS);
  return { ranks, seenBy: Math.floor(packed / WITNESSES_UNIT) || witnessesOfRanks(ranks) };
}
