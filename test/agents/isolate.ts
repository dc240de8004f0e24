/** Runs a suite where there is no network. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a file again in a network namespace that has nothing but a loopback interface.
 *
 * @param url of the file.
 * @returns its exit code.
 */
export function runIsolated(url: string, args: readonly string[], print: (line: string) => void): number {
  const isRoot = process.getuid?.() === 0;
  const inside = 'ip link set lo up && exec "$@"';
  const again = [process.execPath, fileURLToPath(url), ...args];
  const { status, error } = spawnSync("unshare", [isRoot ? "-n" : "-rn", "sh", "-c", inside, "sh", ...again], {
    stdio: "inherit",
  });
  if (error !== undefined)
    print(`The agents are only run without a network, and that needs unshare and ip: ${error.message}`);
  return status ?? 1;
}
