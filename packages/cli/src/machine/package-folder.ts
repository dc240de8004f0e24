/** Where this package lies: in a checkout, or where it was installed. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LAUNCHER = join("bin", "moai-metrics.js");

/** The folder with the launcher and the hooks. */
export function packageFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, LAUNCHER)) || at === dirname(at)) return at;
  }
}

/** The script that starts the command. */
export function launcherPath(folder: string): string {
  return join(folder, LAUNCHER);
}

/** Whether a folder belongs to a package runner's cache, which is emptied now and then: of npx, pnpm dlx, yarn dlx, bunx. */
export function isRunnerCache(folder: string): boolean {
  return /[\\/](?:_npx|dlx|dlx-[^\\/]+|xfs-[^\\/]+|bunx-[^\\/]+)[\\/]/.test(`${folder}/`);
}
