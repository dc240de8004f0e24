/** Measurements of quality inside a write transaction. */
import type { QualityFact } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { mergeQuality, qualityStateOf } from "../merge/quality.ts";
import type { Strings } from "./strings.ts";

export interface QualityRows {
  /** Merges what a witness says of one measurement, and writes it at once: there are few. */
  merge(fact: QualityFact): "inserted" | "changed" | "same";
}

interface StoredQuality {
  readonly rank: number;
  readonly score: number;
  readonly good: number | null;
  readonly total: number | null;
}

type Key = [project: number, measure: string, benchmark: number, tool: number, atMillis: number];

const KEY = ["project_id", "measure", "benchmark_id", "tool_id", "measured_at"] as const;

export function createQualityRows(database: Database, strings: Strings): QualityRows {
  const select = database.prepare<Key, StoredQuality>(
    `SELECT rank, score, good, total FROM quality WHERE ${KEY.map((column) => `${column} = ?`).join(" AND ")}`,
  );
  const save = database.prepare<[...Key, number, number, number | null, number | null]>(
    `INSERT OR REPLACE INTO quality (${KEY.join(", ")}, rank, score, good, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    merge(fact) {
      const { project, measure, benchmark, tool, atMillis } = fact;
      const key: Key = [strings.idOf(project), measure, strings.idOf(benchmark), strings.idOf(tool), atMillis];
      const stored = select.get(...key);
      const told = qualityStateOf(fact);
      if (stored !== undefined) {
        const { rank, score, good, total } = stored;
        const counts = good === null || total === null ? undefined : { good, total };
        const known = { rank, value: { score, counts } };
        if (mergeQuality(known, told) === known) return "same";
      }
      const { score, counts } = told.value;
      save.run(...key, told.rank, score, counts?.good ?? null, counts?.total ?? null);
      return stored === undefined ? "inserted" : "changed";
    },
  };
}
