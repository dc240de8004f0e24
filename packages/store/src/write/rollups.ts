/** Keeps the rollups equal to the ledger: collects differences and applies them in the same transaction. */
import type { Database } from "better-sqlite3";
import { type Contribution, ROLLUP_COLUMNS, type RollupColumn } from "./rollup-columns.ts";

/** Collects what a transaction changes in the rollups. */
export interface RollupChanges {
  /** Replaces what a fact added before by what it adds now. */
  replace(before: Contribution | undefined, after: Contribution | undefined): void;
  /** Writes the collected differences and starts over. */
  apply(): void;
  /** Forgets the collected differences. */
  discard(): void;
}

const POSITIONS = Object.fromEntries(ROLLUP_COLUMNS.map((column, i) => [column, i])) as Record<RollupColumn, number>;

interface Difference {
  readonly key: readonly number[];
  readonly sums: number[];
}

export function createRollupChanges(database: Database): RollupChanges {
  const columns = ROLLUP_COLUMNS.join(", ");
  const add = database.prepare<number[]>(
    `INSERT INTO rollup (quarter_hour, product_id, project_id, agent_id, model_id, ${columns})
     VALUES (?, ?, ?, ?, ?, ${ROLLUP_COLUMNS.map(() => "?").join(", ")})
     ON CONFLICT DO UPDATE SET ${ROLLUP_COLUMNS.map((name) => `${name} = ${name} + excluded.${name}`).join(", ")}`,
  );
  const removeEmpty = database.prepare<number[]>(
    `DELETE FROM rollup
     WHERE quarter_hour = ? AND product_id = ? AND project_id = ? AND agent_id = ? AND model_id = ?
       AND ${ROLLUP_COLUMNS.map((name) => `${name} = 0`).join(" AND ")}`,
  );
  const differences = new Map<string, Difference>();

  const change = ({ quarterHour, dimensions, sums }: Contribution, sign: 1 | -1): void => {
    const { productId, projectId, agentId, modelId } = dimensions;
    const name = `${quarterHour}|${productId}|${projectId}|${agentId}|${modelId}`;
    let difference = differences.get(name);
    if (difference === undefined) {
      difference = { key: [quarterHour, productId, projectId, agentId, modelId], sums: ROLLUP_COLUMNS.map(() => 0) };
      differences.set(name, difference);
    }
    for (const column in sums) {
      const position = POSITIONS[column as RollupColumn];
      difference.sums[position] = (difference.sums[position] ?? 0) + sign * (sums[column as RollupColumn] ?? 0);
    }
  };

  return {
    replace(before, after) {
      if (before !== undefined) change(before, -1);
      if (after !== undefined) change(after, 1);
    },
    apply() {
      for (const { key, sums } of differences.values()) {
        if (sums.every((sum) => sum === 0)) continue;
        add.run(...key, ...sums);
        if (sums.some((sum) => sum < 0)) removeEmpty.run(...key);
      }
      differences.clear();
    },
    discard() {
      differences.clear();
    },
  };
}
