/** Installs the agents, in exact versions, into a folder of their own outside the repository. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REAL_AGENTS } from "./real-agents.ts";

/**
 * Installs what is not there yet.
 *
 * @returns the folder of the programs.
 * @throws Error with npm's words when it does not succeed.
 */
export function installAgents(folder = join(tmpdir(), "moai-metrics-agents")): string {
  const wanted = REAL_AGENTS.filter((agent) => installedVersion(folder, agent.package) !== agent.version);
  if (wanted.length > 0) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const packages = REAL_AGENTS.map((agent) => `${agent.package}@${agent.version}`);
    const flags = ["install", "--no-audit", "--no-fund", "--no-save", "--save-exact"];
    const { status, stdout, stderr } = spawnSync("npm", [...flags, ...packages], { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`npm could not install the agents into ${folder}:\n${stdout}${stderr}`);
  }
  return join(folder, "node_modules", ".bin");
}

function installedVersion(folder: string, name: string): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
    return (manifest as { version?: string }).version;
  } catch {
    return undefined;
  }
}
