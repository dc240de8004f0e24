import { hash53, hash53Behind, joinKey, spanKey } from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("hash53", () => {
  it("keeps the values that stored files rely on", () => {
    expect([hash53(""), hash53("a"), hash53("session\u0000task"), hash53("모아이")]).toEqual([
      947_580_119_355_771, 4_601_658_565_329_797, 3_445_621_880_698_672, 7_264_349_201_095_405,
    ]);
  });

  it("is the same when the beginning is hashed once for many texts", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (beginning, rest) => {
        expect(hash53Behind(beginning)(rest)).toBe(hash53(beginning + rest));
      }),
    );
  });

  it("stays within 53 bits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const hash = hash53(text);
        expect(Number.isSafeInteger(hash)).toBe(true);
        expect(hash).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("gives no two of 200,000 similar keys the same value, and spreads them evenly", () => {
    const seen = new Set<number>();
    const slots = new Array<number>(16).fill(0);
    for (let i = 0; i < 200_000; i++) {
      const hash = hash53(`msg_${i}`);
      seen.add(hash);
      const slot = Math.floor(hash / 2 ** 49);
      slots[slot] = (slots[slot] ?? 0) + 1;
    }
    expect(seen.size).toBe(200_000);
    for (const share of slots) expect(Math.abs(share - 12_500)).toBeLessThan(1000);
  });
});

describe("keys", () => {
  it("keeps parts apart that would run together", () => {
    expect(joinKey("a", "bc")).not.toBe(joinKey("ab", "c"));
  });

  it("names a span by its trace and its own id", () => {
    expect(spanKey("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")).toBe(
      "span:0af7651916cd43dd8448eb211c80319cb7ad6b7169203331",
    );
  });
});
