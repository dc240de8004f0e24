import type { PointBatch } from "@moai-metrics/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JobOutcome } from "../../src/writer/jobs.ts";
import { createPointBuffer, type PointBufferOptions, pointBufferSettings } from "../../src/writer/point-buffer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const COMMITTED: JobOutcome = { id: 0, state: "committed", refused: {} };
const FAILED: JobOutcome = { id: 0, state: "failed", reason: "The disk is full." };

function create(options: PointBufferOptions = {}) {
  const written: PointBatch[] = [];
  const answers: JobOutcome[] = [];
  let isHeld = false;
  const heard: string[] = [];
  const buffer = createPointBuffer(pointBufferSettings(options), (batch) => {
    written.push(batch);
    return isHeld ? new Promise(() => {}) : Promise.resolve(answers.shift() ?? COMMITTED);
  });
  let batches = 0;
  const add = (count: number) => {
    batches += 1;
    const name = `${batches}`;
    buffer.add({ series: [] }, count, ({ state }) => heard.push(`${name} ${state}`));
  };
  const pass = (millis: number) => vi.advanceTimersByTimeAsync(millis);
  return { buffer, add, pass, written, heard, answers, hold: () => (isHeld = true) };
}

describe("the buffer of points", () => {
  it("writes the first export at once, and what follows every 5 seconds, each answered behind its own write", async () => {
    const { add, pass, written, heard } = create();
    add(1);
    await pass(0);
    expect(heard).toEqual(["1 committed"]);
    add(1);
    add(1);
    await pass(4999);
    expect(written).toHaveLength(1);
    expect(heard).toHaveLength(1);
    await pass(1);
    expect(heard).toEqual(["1 committed", "2 committed", "3 committed"]);
    await pass(5000);
    add(1);
    await pass(0);
    expect(written).toHaveLength(4);
  });

  it("writes as soon as there are 100 points", async () => {
    const { add, written } = create();
    add(1);
    add(60);
    add(39);
    expect(written).toHaveLength(1);
    add(1);
    expect(written).toHaveLength(4);
  });

  it("takes other limits, and no waiting at all", () => {
    const few = create({ maxPoints: 2 });
    few.add(1);
    few.add(1);
    expect(few.written).toHaveLength(1);
    few.add(1);
    expect(few.written).toHaveLength(3);
    const none = create({ flushIntervalMillis: 0 });
    none.add(1);
    none.add(1);
    expect(none.written).toHaveLength(2);
  });

  it("lets nothing wait while someone is in a hurry", () => {
    const { buffer, add, written } = create();
    add(1);
    add(1);
    const first = buffer.hurry();
    const second = buffer.hurry();
    expect(written).toHaveLength(2);
    first();
    first();
    add(1);
    expect(written).toHaveLength(3);
    second();
    add(1);
    expect(written).toHaveLength(3);
    buffer.flush();
    expect(written).toHaveLength(4);
  });

  it("keeps what could not be written, and tries it again with the next flush", async () => {
    const { add, pass, heard, answers } = create();
    answers.push(FAILED, FAILED);
    add(1);
    await pass(0);
    expect(heard).toEqual(["1 kept"]);
    await pass(5000);
    expect(heard).toEqual(["1 kept", "1 kept"]);
    add(1);
    await pass(5000);
    expect(heard).toEqual(["1 kept", "1 kept", "1 committed", "2 committed"]);
  });

  it("does not hammer a file that fails, however short the interval", async () => {
    const { add, pass, written, answers } = create({ flushIntervalMillis: 1 });
    answers.push(FAILED);
    add(1);
    await pass(999);
    expect(written).toHaveLength(1);
    await pass(1);
    expect(written).toHaveLength(2);
  });

  it("drops what comes when too much is in memory, says so, and takes again when there is room", async () => {
    const { add, pass, heard, hold, buffer } = create({ maxPoints: 10, maxWaitingPoints: 30 });
    hold();
    add(20);
    add(10);
    add(1);
    await pass(0);
    expect(heard).toEqual(["3 dropped"]);
    expect(buffer.takeAll()).toHaveLength(2);
    add(1);
    expect(heard).toHaveLength(1);
    // A single export that is bigger than the limit is no reason to refuse it.
    const big = create({ maxWaitingPoints: 5 });
    big.add(50);
    await pass(0);
    expect(big.heard).toEqual(["1 committed"]);
  });

  it("hands out everything that is not on disk, and hears nothing of it any more", async () => {
    const { add, pass, heard, buffer } = create();
    add(1);
    add(1);
    const taken = buffer.takeAll();
    for (const { settle } of taken) settle({ state: "spooled", reason: "The process ended." });
    await pass(10_000);
    expect(heard).toEqual(["1 spooled", "2 spooled"]);
    expect(buffer.takeAll()).toEqual([]);
  });

  it("says early which option makes no sense", () => {
    expect(() => pointBufferSettings({ maxPoints: 0 })).toThrow(/buffer.maxPoints is 0; give a whole number/);
    expect(() => pointBufferSettings({ flushIntervalMillis: 2 ** 31 })).toThrow(/buffer.flushIntervalMillis/);
    expect(() => pointBufferSettings({ maxWaitingPoints: 1.5 })).toThrow(/buffer.maxWaitingPoints is 1.5/);
  });
});
