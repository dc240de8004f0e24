/** Keeps the rollups equal to the ledger: collects differences and applies them in the same transaction. */
import type { Database } from "better-sqlite3";
import { type Contribution, ROLLUP_COLUMNS } from "./rollup-columns.ts";

/** Collects what a transaction changes in the rollups. */
export interface RollupChanges {
  /** Replaces what a fact added before by what it adds now. */
  replace(before: Contribution | undefined, after: Contribution | undefined): void;
  /** Writes the collected differences and starts over. */
  apply(): void;
  /** Forgets the collected differences. */
  discard(): void;
}

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
    const key = [quarterHour, productId, projectId, agentId, modelId];
    const name = key.join("|");
    let difference = differences.get(name);
    if (difference === undefined) {
      difference = { key, sums: ROLLUP_COLUMNS.map(() => 0) };
      differences.set(name, difference);
    }
    for (let i = 0; i < ROLLUP_COLUMNS.length; i++) {
      const column = ROLLUP_COLUMNS[i];
      if (column !== undefined) difference.sums[i] = (difference.sums[i] ?? 0) + sign * (sums[column] ?? 0);
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
