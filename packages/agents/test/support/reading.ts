/** Reads transcripts the way a driver does. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Fact } from "@moai-metrics/model";
import { afterAll } from "vitest";
import {
  createClaudeCodeTranscripts,
  type ReadOptions,
  type TranscriptFile,
  type TranscriptPosition,
} from "../../src/index.ts";
import { type MergedFacts, mergeFacts } from "./merge-facts.ts";

export const FIXTURES = fileURLToPath(new URL("../fixtures/claude-code", import.meta.url));

/** What a read gave. */
export interface ReadResult {
  readonly facts: Fact[];
  readonly merged: MergedFacts;
  readonly skipped: Record<string, number>;
  readonly position: TranscriptPosition | undefined;
  readonly failure: string | undefined;
  readonly chunks: number;
}

const source = createClaudeCodeTranscripts();

/** Reads one file to its end. */
export function readFile(path: string, from?: TranscriptPosition, options?: ReadOptions): ReadResult {
  const facts: Fact[] = [];
  const skipped: Record<string, number> = {};
  let position = from;
  let failure: string | undefined;
  let chunks = 0;
  for (const chunk of source.read(describeFile(path), from, options)) {
    chunks += 1;
    facts.push(...chunk.facts);
    for (const [reason, count] of chunk.skipped) skipped[reason] = (skipped[reason] ?? 0) + count;
    position = { offsetBytes: chunk.offsetBytes, state: chunk.state };
    failure = chunk.failure;
  }
  return { facts, merged: mergeFacts(facts), skipped, position, failure, chunks };
}

/** Reads every transcript under a folder. */
export function readTree(folder: string): ReadResult {
  const results = source.discover([folder]).files.map((file) => readFile(file.path));
  const facts = results.flatMap((result) => result.facts);
  const skipped: Record<string, number> = {};
  for (const [reason, count] of results.flatMap((result) => Object.entries(result.skipped))) {
    skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  const failure = results.find((result) => result.failure !== undefined)?.failure;
  return { facts, merged: mergeFacts(facts), skipped, position: undefined, failure, chunks: results.length };
}

export function describeFile(path: string): TranscriptFile {
  const stat = statSync(path, { throwIfNoEntry: false });
  return { path, inode: stat?.ino ?? 0, sizeBytes: stat?.size ?? 0, modifiedAtMillis: stat?.mtimeMs ?? 0 };
}

const everything = mkdtempSync(join(tmpdir(), "moai-metrics-agents-"));
afterAll(() => rmSync(everything, { recursive: true, force: true }));

/** A new folder, removed when the test file is done. */
export function temporaryFolder(): string {
  return mkdtempSync(join(everything, "t-"));
}

/** Writes a transcript of these records into a new folder: `<folder>/p/<name>.jsonl`. */
export function writeTranscript(records: readonly unknown[], name = "session-1", folder = temporaryFolder()): string {
  const path = join(folder, "p", `${name}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join(""),
  );
  return path;
}

/** Copies a recorded run, to change it. */
export function copyFixture(name: "plain" | "subagent"): string {
  const folder = temporaryFolder();
  cpSync(join(FIXTURES, name), folder, { recursive: true });
  return folder;
}

/** All transcripts of a folder. */
export function transcriptsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".jsonl"))
    .map((path) => join(folder, path))
    .toSorted();
}
