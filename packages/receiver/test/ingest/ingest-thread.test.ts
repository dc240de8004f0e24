import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { createIngestThread } from "../../src/ingest/ingest-thread.ts";
import {
  type IngestOutcome,
  type IngestRequest,
  packBatch,
  packOutcomes,
  unpackBatch,
  unpackOutcomes,
} from "../../src/ingest/jobs.ts";
import { createTally } from "../../src/ingest/tally.ts";
import { gaugeRequest, temporaryFolder } from "../support/receiver.ts";

const request = (value: number): IngestRequest => ({
  signal: "metrics",
  encoding: "json",
  body: Buffer.from(gaugeRequest("m", [{ value, nanos: 1_790_000_000_000_000_000 + value * 1e6 }])),
});

describe("the thread that writes", () => {
  it("commits many requests in few transactions and loses none of them when it ends", async () => {
    const storage = temporaryFolder();
    const thread = createIngestThread({ storage, environment: { HOME: storage } });
    const outcomes = Array.from({ length: 3000 }, (_, i) => thread.take(request(i)));
    expect(thread.waiting.requests).toBe(3000);
    await thread.close();
    expect(new Set((await Promise.all(outcomes)).map(({ state }) => state))).toEqual(new Set(["committed"]));
    expect(thread.waiting).toEqual({ requests: 0, bytes: 0 });
    expect(thread.counters().commits).toBeLessThan(20);
    const store = openStore({ path: databasePath(storage), readOnly: true });
    expect(store.points("m").flatMap(({ points }) => points)).toHaveLength(3000);
    store.close();
    expect(await thread.take(request(1))).toEqual({ state: "unavailable", message: "The receiver is stopping." });
    await thread.close();
  });

  it("says that it cannot write, and writes again when it can", async () => {
    const storage = temporaryFolder();
    mkdirSync(databasePath(storage));
    const thread = createIngestThread({ storage, environment: { HOME: storage } });
    expect(await thread.take(request(1))).toMatchObject({ state: "unavailable" });
    expect(thread.isWriting).toBe(false);
    rmSync(databasePath(storage), { recursive: true });
    let state = "";
    while (state !== "committed") state = (await thread.take(request(2))).state;
    expect(thread.isWriting).toBe(true);
    await thread.close();
  });

  it("is started anew when it has died", async () => {
    const storage = temporaryFolder();
    // Settings that cannot be read end the thread as it starts.
    mkdirSync(`${storage}/.config/moai-metrics`, { recursive: true });
    const settings = `${storage}/.config/moai-metrics/config.json`;
    writeFileSync(settings, "no JSON");
    const thread = createIngestThread({ storage, environment: { HOME: storage } });
    expect(await thread.take(request(1))).toMatchObject({
      state: "unavailable",
      message: expect.stringContaining("The writing thread failed"),
    });
    expect(await thread.take(request(1))).toMatchObject({
      state: "unavailable",
      message: "The writing thread is being started anew.",
    });
    rmSync(settings);
    let state = "";
    while (state !== "committed") {
      await new Promise((resolve) => setTimeout(resolve, 100));
      state = (await thread.take(request(2))).state;
    }
    await thread.close();
  });
});

describe("a batch", () => {
  it("comes apart as it was put together", () => {
    const requests = [request(1), { ...request(2), body: Buffer.alloc(0) }, request(3)];
    const unpacked = unpackBatch(packBatch(7, requests));
    expect(unpacked.map(({ body }) => Buffer.from(body).toString())).toEqual(
      requests.map(({ body }) => Buffer.from(body).toString()),
    );
    expect(unpacked.map(({ signal, encoding }) => [signal, encoding])).toEqual(
      requests.map(({ signal, encoding }) => [signal, encoding]),
    );
  });
});

describe("outcomes", () => {
  it("come apart as they were put together, those that are nothing special and the others", () => {
    const outcomes: IngestOutcome[] = [
      { state: "committed", rejected: 0, message: "" },
      { state: "committed", rejected: 2, message: "2 × metric without data" },
      { state: "malformed", kind: "too_large", message: "The body is too large." },
      { state: "committed", rejected: 0, message: "1 × fact: not a fact" },
      { state: "committed", rejected: 0, message: "" },
      { state: "unavailable", message: "The file is in use." },
    ];
    expect(unpackOutcomes(packOutcomes(outcomes))).toEqual(outcomes);
  });

  it("are not made up where one is missing", () => {
    const { taken } = packOutcomes([{ state: "unavailable", message: "later" }]);
    expect(unpackOutcomes({ taken, others: [] })).toEqual([undefined]);
  });
});

describe("a tally", () => {
  it("keeps a limited number of reasons apart", () => {
    const tally = createTally();
    for (let i = 0; i < 300; i++) tally.add(`reason ${i}`);
    tally.add("reason 0", 4);
    const counts = tally.counts();
    expect(Object.keys(counts)).toHaveLength(201);
    expect([counts["reason 0"], counts["other"]]).toEqual([5, 100]);
  });
});
