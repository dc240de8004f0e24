/** What the receiver and the files say of themselves. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createProcessReadings, readStoreFiles } from "../../src/dashboard/readings/process-readings.ts";
import { createReceiverReadings } from "../../src/dashboard/readings/receiver-readings.ts";

function storage(): string {
  const folder = mkdtempSync(join(tmpdir(), "readings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A server that answers with these texts in turn, announced as the receiver of a storage folder. */
async function announced(answers: readonly string[]) {
  const folder = storage();
  const headers: (string | undefined)[] = [];
  let next = 0;
  const server = createServer((request, response) => {
    headers.push(request.headers.host, request.headers.authorization);
    const answer = answers[Math.min(next++, answers.length - 1)] ?? "";
    response.writeHead(answer === "" ? 401 : 200).end(answer);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(join(folder, "receiver.json"), JSON.stringify({ pid: process.pid, url }));
  return { folder, url, headers };
}

const statusOf = (itemsReceived: number, activeMillis: number, idleMillis: number, status = "ok"): string =>
  JSON.stringify({
    ...{ status, pid: process.pid, itemsReceived, waitingRequests: 1, residentBytes: 5_000 },
    eventLoop: { activeMillis, idleMillis },
  });

describe("the receiver", () => {
  it("does not run where none is announced", async () => {
    expect(await createReceiverReadings(storage()).read()).toMatchObject({
      state: "not running",
      itemsPerSecond: null,
    });
  });

  it("tells rates since it began, then since the reading before", async () => {
    const { folder, url } = await announced([statusOf(100, 1_000, 9_000), statusOf(150, 1_500, 9_500)]);
    const readings = createReceiverReadings(folder);
    expect(await readings.read()).toEqual({
      ...{ state: "running", url, itemsPerSecond: 10, busyShare: 0.1, waitingRequests: 1, residentBytes: 5_000 },
    });
    expect(await readings.read()).toMatchObject({ itemsPerSecond: 50, busyShare: 0.5 });
    expect(await readings.read()).toMatchObject({ itemsPerSecond: null, busyShare: null });
  });

  it("cannot write, or does not answer", async () => {
    const { folder } = await announced([statusOf(1, 1, 1, "cannot write"), "", "not JSON"]);
    const readings = createReceiverReadings(folder);
    const states = [await readings.read(), await readings.read(), await readings.read()].map(({ state }) => state);
    expect(states).toEqual(["cannot write", "unreachable", "unreachable"]);
  });

  it("is asked by a name that it knows, with its token", async () => {
    const { folder, headers, url } = await announced([statusOf(1, 1, 1)]);
    writeFileSync(join(folder, "receiver-token"), "a-token-of-its-own", { mode: 0o600 });
    await createReceiverReadings(folder).read();
    expect(headers).toEqual([`localhost:${new URL(url).port}`, "Bearer a-token-of-its-own"]);
  });
});

describe("files and this process", () => {
  it("tell sizes, and another inode when a file was replaced", () => {
    const path = join(storage(), "metrics.db");
    expect(readStoreFiles(path)).toBeUndefined();
    writeFileSync(path, "12345");
    expect(readStoreFiles(path)?.sizes).toEqual({ fileBytes: 5, logBytes: 0 });
    writeFileSync(`${path}-wal`, "12");
    expect(readStoreFiles(path)?.sizes).toEqual({ fileBytes: 5, logBytes: 2 });
  });

  it("tells memory and how busy it was", () => {
    const reading = createProcessReadings()();
    expect(reading.residentBytes).toBeGreaterThan(1_000_000);
    expect(reading.busyShare).toBeGreaterThanOrEqual(0);
    expect(reading.busyShare).toBeLessThanOrEqual(1);
  });
});
