/** The folder of a project's documents looks after itself in git. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NEW_PROJECT_FILE } from "./find-config.ts";

/** What lies in a folder that is for a project's documents alone. */
const DOCUMENTS: ReadonlySet<string> = new Set(["config.json", "reports", "spool"]);

/**
 * Figures are no one's source code; the configuration is. A `.gitignore` that is there already stays as it is. Of a folder
 * that holds other things, such as the project itself, git is told to leave out `reports` alone.
 */
export function ignoreInGit(folder: string): void {
  if (existsSync(join(folder, ".gitignore"))) return;
  if (isForDocumentsAlone(folder)) ignore(folder, "*\n!.gitignore\n!config.json\n");
  else ignore(join(folder, "reports"), "*\n");
}

function isForDocumentsAlone(folder: string): boolean {
  return (
    folder.endsWith(dirname(NEW_PROJECT_FILE)) ||
    !existsSync(folder) ||
    readdirSync(folder).every((name) => DOCUMENTS.has(name))
  );
}

function ignore(folder: string, what: string): void {
  const path = join(folder, ".gitignore");
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, what);
}
