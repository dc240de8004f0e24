/** Recorded bodies, damaged: whatever comes of them, it is an answer to their sender, and the next body is taken. */
import { DEFAULT_CONFIG, databasePath } from "@moai-metrics/settings";
import { createUsableStore } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createIngest } from "../../src/ingest/ingest.ts";
import { gaugeRequest, temporaryFolder } from "../support/receiver.ts";
import { RECORDED_RUNS } from "../support/recorded-bytes.ts";

/** Small enough to be damaged many times. */
const BODIES = RECORDED_RUNS.flatMap(({ requests }) => requests).filter(({ body }) => body.length < 40_000);

/** Bytes that lie about lengths, kinds and depths, in protobuf and in JSON. */
const LIES = [
  "ffffffff0f",
  "ffffffffffffffffff01",
  "80808080808080808001",
  "0a",
  "00",
  "22",
  "5b",
  "7b",
  "2d",
  "65393939",
].map((hex) => Buffer.from(hex, "hex"));

const damage = fc.record({
  which: fc.nat(BODIES.length - 1),
  places: fc.array(fc.record({ at: fc.nat(40_000), bytes: fc.constantFrom(...LIES), isInserted: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  }),
  cutAt: fc.option(fc.nat(40_000), { nil: undefined }),
});

/** One letter in place of another byte: often a body can still be read. */
const slip = fc.record({
  which: fc.nat(BODIES.length - 1),
  places: fc.tuple(
    fc.record({ at: fc.nat(40_000), bytes: fc.constant(Buffer.from("A")), isInserted: fc.constant(false) }),
  ),
  cutAt: fc.constant(undefined),
});

describe("a recorded body that was damaged", () => {
  it("is answered as malformed or taken as far as it can be read, and never stops the next one", async () => {
    const path = databasePath(temporaryFolder());
    const file = createUsableStore({ path }, () => performance.now());
    onTestFinished(() => file.close());
    const ingest = createIngest({ file, configOf: () => DEFAULT_CONFIG });
    let nanos = 1_790_000_000_000_000_000;
    const counts = { committed: 0, malformed: 0 };
    await fc.assert(
      fc.asyncProperty(fc.oneof(damage, slip), async ({ which, places, cutAt }) => {
        const { signal, encoding, body: whole } = BODIES[which] as (typeof BODIES)[number];
        let body = Buffer.from(whole);
        for (const { at, bytes, isInserted } of places) {
          const from = at % body.length;
          body = Buffer.concat([body.subarray(0, from), bytes, body.subarray(from + (isInserted ? 0 : bytes.length))]);
        }
        if (cutAt !== undefined) body = body.subarray(0, cutAt % body.length);
        nanos += 1_000_000_000;
        const sound = Buffer.from(gaugeRequest("sound", [{ value: 1, nanos }]));
        const [damaged, next] = await ingest.take([
          { signal, encoding, body },
          { signal: "metrics", encoding: "json", body: sound },
        ]);
        expect(["committed", "malformed"]).toContain(damaged?.state);
        counts[damaged?.state as keyof typeof counts] += 1;
        expect(next).toEqual({ state: "committed", rejected: 0, message: "" });
      }),
      { numRuns: Number(process.env["DAMAGED_BODIES"] ?? 200) },
    );
    // Both happen, or the damage would prove nothing.
    expect(Math.min(counts.committed, counts.malformed)).toBeGreaterThan(0);
    expect(file.use((store) => store.check().isSound)).toBe(true);
  });
});
