/** What many hostile senders at once cost a daemon in memory, and that it goes on. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { gaugeRequest, JSON_TYPE, PROTOBUF, type Reply, send, temporaryFolder } from "../support/receiver.ts";

const CHILD = fileURLToPath(new URL("../support/daemon-child.ts", import.meta.url));
const MIB = 1024 * 1024;
const SENDERS = 16;
/** 64 MiB of bodies, what the writing thread may have (536 MiB), and what the process has without them. */
const MAX_PEAK_MIB = 800;

function startChild(storage: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [CHILD, storage], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("It ended.")));
    child.stdout?.once("data", (text: Buffer) =>
      resolve({ child, port: Number(new URL(text.toString().trim()).port) }),
    );
  });
}

/** The most memory that a process ever had, MiB. */
function peakOf(pid: number | undefined): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

const gzip = { "Content-Encoding": "gzip" };
const HOSTILE: readonly (readonly [path: string, headers: Record<string, string>, body: Buffer])[] = [
  // A thousandfold when it is decompressed.
  ["/v1/metrics", { ...PROTOBUF, ...gzip }, gzipSync(Buffer.alloc(200 * MIB))],
  // Just within the limit of decompressed bytes, all of it empty messages.
  ["/v1/logs", { ...PROTOBUF, ...gzip }, gzipSync(Buffer.alloc(15 * MIB, Buffer.from([0x0a, 0x00])))],
  ["/v1/traces", { ...JSON_TYPE, ...gzip }, gzipSync(Buffer.from(`{"resourceSpans":[${"{},".repeat(4 * MIB)}{}]}`))],
  ["/v1/logs", { ...JSON_TYPE, ...gzip }, gzipSync(Buffer.from("[".repeat(15 * MIB)))],
  // One string that fills the body.
  ["/v1/logs", { ...JSON_TYPE, ...gzip }, gzipSync(Buffer.from(`{"resourceLogs":"${"x".repeat(15 * MIB)}"}`))],
];

describe.runIf(process.platform === "linux")("many hostile bodies at once", () => {
  it("are refused, cost bounded memory, and the daemon goes on", async () => {
    const { child, port } = await startChild(temporaryFolder());
    const replies: Reply[] = [];
    const sender = async (number: number): Promise<void> => {
      for (let at = 0; at < HOSTILE.length; at++) {
        const [path, headers, body] = HOSTILE[(number + at) % HOSTILE.length] as (typeof HOSTILE)[number];
        replies.push(await send(port, path, { headers, body }));
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, (_, number) => sender(number)));
    expect(
      [...new Set(replies.map(({ status }) => status))].filter((status) => ![400, 413, 429].includes(status)),
    ).toEqual([]);
    expect(replies.filter(({ status, headers }) => status === 429 && headers["retry-after"] === undefined)).toEqual([]);
    expect(peakOf(child.pid)).toBeLessThan(MAX_PEAK_MIB);
    const body = gaugeRequest("m", [{ value: 1, nanos: 1_790_000_000_000_000_000 }]);
    expect((await send(port, "/v1/metrics", { headers: JSON_TYPE, body })).status).toBe(200);
    if (process.env["TELL_PEAK"] !== undefined) process.stdout.write(`peak ${peakOf(child.pid).toFixed(0)} MiB\n`);
  });
});
