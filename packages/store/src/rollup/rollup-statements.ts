/** Statements that answers from the rollups need, prepared once per connection. */
import type { Database, Statement } from "better-sqlite3";
import { type BlockFiles, createBlockFiles } from "./block-files.ts";
import { type ClosedDays, createClosedDays } from "./closed-days.ts";
import { createOpenBlocks, type OpenBlocks } from "./open-blocks.ts";

export interface RollupStatements {
  readonly files: BlockFiles;
  readonly blocks: OpenBlocks;
  /** Numbers and sheets of the row numbers from the first to the second (exclusive), ascending. */
  readonly sheets: Statement<[number, number], [number, Buffer]>;
  readonly closedDays: ClosedDays;
  /** How many days of a zone lie in a span. */
  readonly wholeDays: Statement<[number, number, number], number>;
  readonly zoneNamed: Statement<[string], number>;
  readonly zones: Statement<[], number>;
  readonly numberOf: Statement<[string], number>;
  readonly nameOf: Statement<[number], string>;
  /** Names that were looked up; undefined where a transaction may take a new one back. */
  readonly keptNames: Map<number, string> | undefined;
}

const statementsByDatabase = new WeakMap<Database, RollupStatements>();

export function rollupStatementsOf(database: Database): RollupStatements {
  let statements = statementsByDatabase.get(database);
  if (statements === undefined) {
    statements = prepareStatements(database);
    statementsByDatabase.set(database, statements);
  }
  return statements;
}

function prepareStatements(database: Database): RollupStatements {
  const files = createBlockFiles(database);
  const blocks = createOpenBlocks(database, files);
  return {
    files,
    blocks,
    sheets: database
      .prepare<[number, number], [number, Buffer]>(
        "SELECT id, data FROM rollup_sheet WHERE id >= ? AND id < ? ORDER BY id",
      )
      .raw(),
    closedDays: createClosedDays(database, blocks),
    wholeDays: database
      .prepare<[number, number, number], number>(
        `SELECT count(*) FROM rollup_day
         WHERE zone_id = ? AND first_quarter_hour >= ? AND first_quarter_hour + quarter_hours <= ?`,
      )
      .pluck(),
    zoneNamed: database.prepare<[string], number>("SELECT id FROM rollup_zone WHERE name = ?").pluck(),
    zones: database.prepare<[], number>("SELECT id FROM rollup_zone ORDER BY id").pluck(),
    numberOf: database.prepare<[string], number>("SELECT id FROM string WHERE text = ?").pluck(),
    nameOf: database.prepare<[number], string>("SELECT text FROM string WHERE id = ?").pluck(),
    keptNames: database.readonly ? new Map() : undefined,
  };
}
