/** Reads transcripts that a test writes line by line. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import type { TranscriptSource } from "../../src/index.ts";
import { type MergedFacts, mergeFacts } from "./merge-facts.ts";
import { describeFile, temporaryFolder } from "./reading.ts";

/** Lines as a file has them. */
export function linesOf(records: readonly unknown[]): string {
  return records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join("");
}

/** Writes files into a new folder, and reads all transcripts that the source finds in it. */
export function readFiles(
  source: TranscriptSource,
  files: Readonly<Record<string, string | Buffer>>,
): { readonly merged: MergedFacts; readonly skipped: Record<string, number>; readonly failures: readonly string[] } {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const facts: Fact[] = [];
  const skipped: Record<string, number> = {};
  const failures: string[] = [];
  for (const { path } of source.discover([folder]).files) {
    for (const chunk of source.read(describeFile(path))) {
      facts.push(...chunk.facts);
      if (chunk.failure !== undefined) failures.push(chunk.failure);
      for (const [reason, count] of chunk.skipped) skipped[reason] = (skipped[reason] ?? 0) + count;
    }
  }
  return { merged: mergeFacts(facts), skipped, failures };
}
