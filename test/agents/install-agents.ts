/** Installs the agents, in exact versions, into a folder of their own outside the repository. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REAL_AGENTS } from "./real-agents.ts";

/**
 * Installs them where they are not there yet. Other versions lie in other folders, and a folder is there when it is
 * whole: several checkouts may do this at the same time.
 *
 * @returns the folder of the programs.
 * @throws Error with npm's words when it does not succeed.
 */
export function installAgents(): string {
  const folder = join(tmpdir(), ["moai-metrics-agents", ...REAL_AGENTS.map(({ version }) => version)].join("-"));
  if (!existsSync(folder)) {
    const own = `${folder}.${process.pid}`;
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "package.json"), '{ "private": true }\n');
    const packages = REAL_AGENTS.map((agent) => `${agent.package}@${agent.version}`);
    const flags = ["install", "--no-audit", "--no-fund", "--no-save"];
    const { status, stdout, stderr } = spawnSync("npm", [...flags, ...packages], { cwd: own, encoding: "utf8" });
    if (status !== 0) throw new Error(`npm could not install the agents into ${own}:\n${stdout}${stderr}`);
    takeOver(own, folder);
  }
  return join(folder, "node_modules", ".bin");
}

/** Whoever comes second uses what is there. */
function takeOver(own: string, folder: string): void {
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true, force: true });
  }
}
