/** When the reading thread looks. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLooks } from "../../src/dashboard/live/looks.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks that find something when `finds` says so. */
function create(finds: (at: number) => boolean = () => false) {
  const startedAt = performance.now();
  const at: number[] = [];
  const looks = createLooks({
    look: () => {
      at.push(performance.now() - startedAt);
      return finds(performance.now() - startedAt);
    },
    everyMillis: 500,
  });
  return { looks, at, pass: (millis: number) => vi.advanceTimersByTime(millis) };
}

describe("looks", () => {
  it("begin at once and come again while nobody asks", () => {
    const { at, pass } = create();
    pass(1_000);
    expect(at).toEqual([0, 500, 1_000]);
  });

  it("come soon after a write, and again and again until it can be seen", () => {
    const { looks, at, pass } = create((now) => now >= 1_060);
    pass(995);
    looks.request();
    pass(600);
    expect(at).toEqual([0, 500, 1_000, 1_015, 1_060, 1_560]);
  });

  it("come at least as often as without a write when there is nothing to be seen", () => {
    const { looks, at, pass } = create();
    pass(100);
    looks.request();
    pass(1_600);
    expect(at.slice(0, 6)).toEqual([0, 105, 120, 165, 300, 705]);
    expect(at[6]).toBe(1_205);
  });

  it("rest a while between two that found something, however often someone writes", () => {
    const { looks, at, pass } = create(() => true);
    for (let i = 0; i < 30; i++) {
      looks.request();
      pass(10);
    }
    expect(at).toEqual([0, 100, 200, 300]);
  });

  it("stop", () => {
    const { looks, at, pass } = create();
    looks.stop();
    looks.request();
    pass(10_000);
    expect(at).toEqual([0]);
  });
});
