/** Runs `serve` as a process, and asks it. */
import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const BINARY = fileURLToPath(new URL("../../bin/moai-metrics.js", import.meta.url));

/** A receiver that listens. */
export interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
  readonly ended: Promise<number | null>;
}

/**
 * Starts `serve`, on a free port unless other flags are given, and waits until it listens.
 * @throws Error with its output when it ends instead.
 */
export function startServe(home: string, flags: readonly string[] = ["--port", "0"]): Promise<Served> {
  const child = spawn(process.execPath, [BINARY, "serve", ...flags], {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, TZ: "UTC", NO_COLOR: "1" },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return new Promise((resolve, reject) => {
    child.stderr.on("data", (text: Buffer) => (output += text));
    child.stdout.on("data", (text: Buffer) => {
      output += text;
      const port = /Listening on http:\/\/127\.0\.0\.1:(\d+) /.exec(output)?.[1];
      if (port !== undefined && output.includes("Ctrl-C"))
        resolve({ child, port: Number(port), output: () => output, ended });
    });
    void ended.then(() => reject(new Error(output)));
  });
}

/** Gets a path of the receiver. */
export function getFrom(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
