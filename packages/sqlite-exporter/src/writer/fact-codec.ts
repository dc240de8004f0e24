/** Facts between threads, as text. */
import type { Fact } from "@moai-metrics/model";
import { encodeFacts } from "@moai-metrics/store/beside-the-thread";
import type { EncodedFacts } from "./jobs.ts";

/** The facts that can be written as text, and how many cannot. */
export interface FactsToSend extends EncodedFacts {
  readonly unencodable: number;
}

/** Paths of changed files become digests. */
export function encodeForThread(facts: readonly Fact[]): FactsToSend {
  try {
    return { text: encodeFacts(facts), rows: facts.length, unencodable: 0 };
  } catch {
    const kept = facts.filter(isEncodable);
    return { text: encodeFacts(kept), rows: kept.length, unencodable: facts.length - kept.length };
  }
}

/** The facts again. */
export function decodeFacts({ text }: EncodedFacts): readonly Fact[] {
  return JSON.parse(text) as Fact[];
}

/** Many lists as one. */
export function joinFacts(all: readonly EncodedFacts[]): EncodedFacts {
  const lists = all.filter(({ rows }) => rows > 0).map(({ text }) => text.slice(1, -1));
  return { text: `[${lists.join()}]`, rows: all.reduce((sum, { rows }) => sum + rows, 0) };
}

/** One list for each fact. */
export function encodeEach(facts: EncodedFacts): readonly EncodedFacts[] {
  return decodeFacts(facts).map((fact) => ({ text: encodeFacts([fact]), rows: 1 }));
}

function isEncodable(fact: Fact): boolean {
  try {
    encodeFacts([fact]);
    return true;
  } catch {
    return false;
  }
}
