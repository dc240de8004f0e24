/** Maps lines that are parsed one by one. */
import type { FactCollector } from "./fact-collector.ts";
import type { LineMapping, LineRange, TranscriptLines } from "./read-transcript.ts";

/** Why a line cannot be used. */
type UnusableLine =
  | { readonly kind: "unknown"; readonly type: string }
  | { readonly kind: "unreadable"; readonly reason: string };

/** What a line is, or why it cannot be used. */
export type ParsedLine<Parsed> = Parsed | UnusableLine;

/** How a product's lines are parsed and mapped. */
export interface ParsedLines<Parsed extends { readonly kind: string }> {
  readonly facts: FactCollector;
  parse(buffer: Buffer, start: number, end: number): ParsedLine<Parsed>;
  map(record: Parsed, line: LineRange): void;
  reachEnd?(): void;
  encodeState(): string;
}

/** Creates a mapping that counts what cannot be used. */
export function mapParsedLines<Parsed extends { readonly kind: string }>(
  { reader, skipped }: TranscriptLines,
  { facts, parse, map, reachEnd, encodeState }: ParsedLines<Parsed>,
): LineMapping {
  return {
    facts,
    mapLine: () => {
      const { buffer, start, end } = reader;
      const record = parse(buffer, start, end);
      if (!isUnusable(record)) map(record, { offsetBytes: reader.lineOffsetBytes, lengthBytes: end - start });
      else if (record.kind === "unknown") skipped.addUnknownType(record.type);
      else skipped.add(`unreadable line: ${record.reason}`);
    },
    reachEnd: () => reachEnd?.(),
    encodeState,
  };
}

function isUnusable<Parsed extends { readonly kind: string }>(record: ParsedLine<Parsed>): record is UnusableLine {
  return record.kind === "unknown" || record.kind === "unreadable";
}
