/** The process of the tests of compression, from outside. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./pack-until-killed.ts", import.meta.url));

export interface Packer {
  /** Resolves after its first compression. @throws Error with what it said when it dies before. */
  hasPacked(): Promise<void>;
  /** Ends it at once, wherever it is. */
  kill(): Promise<void>;
}

export function startPacker(path: string, nowMillis: number): Packer {
  const child = spawn(process.execPath, [SCRIPT, path, String(nowMillis)], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const closed = once(child, "close");
  const packed = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "pack true") resolve();
    });
  });
  const died = closed.then(([code, signal]) => {
    throw new Error(`The compressor ended (${signal ?? `exit code ${code}`}) before it compressed anything. ${said}`);
  });
  // Its end is expected after the first compression.
  died.catch(() => undefined);
  return {
    hasPacked: () => Promise.race([packed, died]),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
