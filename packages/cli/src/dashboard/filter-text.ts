/** What is typed behind `/`: names that narrow the questions, and words that narrow the rows. Pure. */
import type { FilterFlags } from "../flags/declare.ts";

/** A filter, read. */
export interface ParsedFilter {
  /** As the flags of other commands would say it. */
  readonly flags: FilterFlags;
  /** Rows must hold all of them, whatever the case. */
  readonly words: readonly string[];
}

const TERM = /(?:(product|project|agent|model):)?(?:"([^"]*)"?|(\S+))/g;

/** Reads a filter: `project:shop agent:"code reviewer" backend`. */
export function parseFilter(text: string): ParsedFilter {
  const flags: Record<string, string[]> = {};
  const words: string[] = [];
  for (const [, dimension, quoted, plain = ""] of text.matchAll(TERM)) {
    const name = quoted ?? plain;
    if (name === "") continue;
    if (dimension === undefined) words.push(name.toLowerCase());
    else flags[dimension] = [...(flags[dimension] ?? []), name];
  }
  return { flags, words };
}

/** The term that means one name. */
export function filterTerm(dimension: string, name: string): string {
  return /[\s"]/.test(name) ? `${dimension}:"${name.replaceAll('"', "")}"` : `${dimension}:${name}`;
}

/** Whether a row with these names is meant. */
export function matchesWords(words: readonly string[], ...names: readonly (string | null)[]): boolean {
  return words.every((word) => names.some((name) => name?.toLowerCase().includes(word)));
}
