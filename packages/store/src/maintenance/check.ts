/** Proof that a file holds what it should. */
import type { Database } from "better-sqlite3";
import { checkRollups } from "../rollup/check.ts";

/** One part of the check. */
export interface CheckPart {
  /** `pages`: SQLite's own structure; `rollups`: rollups equal the ledger. */
  readonly name: "pages" | "rollups";
  /** What does not hold; empty when everything does. */
  readonly problems: readonly string[];
  /** How many more problems there are than are listed. */
  readonly unlisted: number;
}

/** The result of a check. */
export interface CheckResult {
  readonly isSound: boolean;
  readonly parts: readonly CheckPart[];
}

const MAX_LISTED = 100;

/** Reads the whole file and computes every rollup anew from the ledger. Nothing is changed. */
export function checkStore(database: Database, onPart?: (name: CheckPart["name"]) => void): CheckResult {
  const parts: CheckPart[] = [];
  const examine = (name: CheckPart["name"], find: () => string[]): void => {
    onPart?.(name);
    const problems = findOrTell(find);
    parts.push({ name, problems: problems.slice(0, MAX_LISTED), unlisted: Math.max(0, problems.length - MAX_LISTED) });
  };
  examine("pages", () => integrityProblems(database));
  examine("rollups", () =>
    checkRollups(database).map(
      ({ quarterHour, dimensions, column, rollup, ledger }) =>
        `quarter hour ${quarterHour}, ${dimensions}: ${column} is ${rollup}, the ledger says ${ledger}`,
    ),
  );
  return { isSound: parts.every(({ problems }) => problems.length === 0), parts };
}

/** A page so damaged that reading it fails is a finding, not a reason to stop. */
function findOrTell(find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith("SQLITE_CORRUPT") !== true) throw error;
    return [(error as Error).message];
  }
}

function integrityProblems(database: Database): string[] {
  const rows = database.pragma(`integrity_check(${MAX_LISTED + 1})`) as { integrity_check: string }[];
  return rows.map(({ integrity_check: text }) => text).filter((text) => text !== "ok");
}
