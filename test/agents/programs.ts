/** Programs that are run to their end. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a program said. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command of this checkout. */
export const COMMAND = fileURLToPath(new URL("../../packages/cli/bin/moai-metrics.js", import.meta.url));
const MAX_MILLIS = 120_000;

/** Runs a program to its end. */
export function ended(command: readonly string[], environment: NodeJS.ProcessEnv, folder: string): Promise<Ended> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: MAX_MILLIS,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text));
    child.stderr.on("data", (text: Buffer) => (stderr += text));
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
