/** The daemon as it is published, which this builds: a checkout loads every module by itself, and takes memory for it. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A daemon in a process of its own. */
export interface PublishedDaemon {
  readonly port: number;
  /** What the process holds now, as it says itself. */
  residentMegabytes(): Promise<number>;
  stop(): Promise<void>;
}

const BUILD = fileURLToPath(new URL("../../scripts/build-packages.ts", import.meta.url));
const PUBLISHED = fileURLToPath(new URL("../../dist/cli/bin/moai-metrics.js", import.meta.url));

/** Builds the command and runs `serve`. @param folder an empty one: home, store and compile cache. */
export async function startPublishedDaemon(folder: string): Promise<PublishedDaemon> {
  execFileSync(process.execPath, [BUILD], { stdio: "ignore" });
  const child = spawn(process.execPath, [PUBLISHED, "serve", "--port", "0"], {
    env: { PATH: process.env["PATH"], TZ: "UTC", HOME: folder, NODE_COMPILE_CACHE: join(folder, "compile-cache") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let port = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    port = Number(/^Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? port);
    if (line.includes("Ctrl-C")) break;
  }
  if (port === 0) throw new Error("The published daemon does not listen.");
  return {
    port,
    residentMegabytes: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/status`);
      const { residentBytes } = (await answer.json()) as { readonly residentBytes: number };
      return residentBytes / 1e6;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
