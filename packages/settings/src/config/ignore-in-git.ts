/** The folder of a project's documents looks after itself in git. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Figures are no one's source code; the configuration is. A `.gitignore` that is there already stays as it is. */
export function ignoreInGit(folder: string): void {
  const path = join(folder, ".gitignore");
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, "*\n!.gitignore\n!config.json\n");
}
