import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRounds } from "../../src/background/rounds.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function create() {
  const began: number[] = [];
  const finish: (() => void)[] = [];
  const rounds = createRounds({
    work: () => {
      began.push(Date.now());
      return new Promise<void>((resolve) => finish.push(resolve));
    },
    settleMillis: 30,
    restMillis: 300,
    everyMillis: 30_000,
  });
  const startMillis = Date.now();
  const pass = (millis: number) => vi.advanceTimersByTimeAsync(millis);
  return { rounds, began: () => began.map((at) => at - startMillis), pass, finish: () => finish.shift()?.() };
}

describe("rounds", () => {
  it("begin at once, and come again by themselves", async () => {
    const { began, pass, finish } = create();
    await pass(0);
    finish();
    await pass(29_999);
    expect(began()).toEqual([0]);
    await pass(1);
    expect(began()).toEqual([0, 30_000]);
  });

  it("come soon after a request, one for all who ask meanwhile", async () => {
    const { rounds, began, pass, finish } = create();
    await pass(0);
    finish();
    await pass(1000);
    rounds.request();
    await pass(20);
    rounds.request();
    await pass(10);
    expect(began()).toEqual([0, 1030]);
  });

  it("leave time between each other when someone always asks", async () => {
    const { rounds, began, pass, finish } = create();
    await pass(0);
    finish();
    for (let i = 0; i < 100; i++) {
      await pass(10);
      rounds.request();
      finish();
    }
    expect(began()).toEqual([0, 300, 600, 900]);
  });

  it("never run twice at a time: what is asked for meanwhile comes behind", async () => {
    const { rounds, began, pass, finish } = create();
    await pass(0);
    rounds.request();
    await pass(5000);
    expect(began()).toEqual([0]);
    finish();
    await pass(300);
    expect(began()).toEqual([0, 5300]);
  });

  it("end when the one that runs has ended", async () => {
    const { rounds, began, pass, finish } = create();
    await pass(0);
    let isStopped = false;
    void rounds.stop().then(() => (isStopped = true));
    await pass(100);
    expect(isStopped).toBe(false);
    finish();
    await pass(0);
    expect(isStopped).toBe(true);
    rounds.request();
    await pass(100_000);
    expect(began()).toEqual([0]);
  });
});
