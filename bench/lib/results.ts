/** Keeps the figures of the last full run of each benchmark, and renders docs/benchmarks.md from them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import type { BenchmarkName } from "./benchmarks.ts";
import type { Figure } from "./figures.ts";
import { renderDocument } from "./render-document.ts";

/** Where figures were taken. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly sqlite: string;
}

/** What one run of one benchmark gave. */
export interface BenchmarkResult {
  readonly machine: Machine;
  readonly scale: number;
  /** ISO 8601. */
  readonly takenAt: string;
  /** Processes that wanted a processor in the minute before: over the number of cores, others slowed it down. */
  readonly load: number;
  readonly figures: readonly Figure[];
}

export type Results = Readonly<Partial<Record<BenchmarkName, BenchmarkResult>>>;

const RESULTS_FILE = fileURLToPath(new URL("../results.json", import.meta.url));
const DOCUMENT_FILE = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/** The machine that runs this. */
export function thisMachine(): Machine {
  const database = new Database(":memory:");
  const sqlite = database.prepare<[], string>("SELECT sqlite_version()").pluck().get() ?? "unknown";
  database.close();
  return {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    node: process.versions.node,
    sqlite,
  };
}

/** A machine on one line. */
export function machineText({ processor, cores, memoryGigabytes, node, sqlite }: Machine): string {
  return `${cores} × ${processor}, ${memoryGigabytes} GB, Node ${node}, SQLite ${sqlite}`;
}

/** Processes that want a processor, on average over the last minute. */
export function currentLoad(): number {
  return loadavg()[0] ?? 0;
}

/** Replaces what is kept of one benchmark and renders the document anew. */
export function keepResults(name: BenchmarkName, result: BenchmarkResult): void {
  const results: Results = { ...readResults(), [name]: result };
  writeFileSync(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(DOCUMENT_FILE, renderDocument(results));
}

/** What is kept of every benchmark; nothing before the first run. */
export function readResults(): Results {
  return existsSync(RESULTS_FILE) ? (JSON.parse(readFileSync(RESULTS_FILE, "utf8")) as Results) : {};
}
