/**
 * Writes grafana/dashboards/*.json from scripts/dashboards. `--check` only compares, for CI.
 * Usage: node scripts/generate-dashboards.ts [--check]
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dashboards } from "./dashboards/index.ts";

const FOLDER = new URL("../grafana/dashboards/", import.meta.url);

const isCheck = process.argv.includes("--check");
const boards = dashboards();
for (const [name, board] of Object.entries(boards)) {
  const file = new URL(name, FOLDER);
  const text = `${JSON.stringify(board, null, 2)}\n`;
  if (!isCheck) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) complain(name, "is not what its source says");
}
for (const name of readdirSync(FOLDER)) {
  if (name in boards) continue;
  if (isCheck) complain(name, "has no source");
  else rmSync(new URL(name, FOLDER));
}

function complain(name: string, what: string): void {
  console.error(`grafana/dashboards/${name} ${what}. Type: node scripts/generate-dashboards.ts`);
  process.exitCode = 1;
}
