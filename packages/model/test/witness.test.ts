import { WITNESS_BITS, WITNESS_RANK, witnessesOfRanks } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";

describe("witness ranks", () => {
  it("gives every witness a rank of its own", () => {
    const ranks = Object.values(WITNESS_RANK);
    expect(new Set(ranks).size).toBe(ranks.length);
  });

  it("believes the process over the transcript, the transcript over the span, and any of them over inference", () => {
    const { process, transcript, transcriptSidechain, span, inferred } = WITNESS_RANK;
    expect([process, transcript, transcriptSidechain, span, inferred]).toEqual(
      [inferred, span, transcriptSidechain, transcript, process].toReversed().toSorted((a, b) => b - a),
    );
  });
});

describe("sets of witnesses", () => {
  it("give every witness a bit of its own, and spans one for all of them, as files have them", () => {
    expect(WITNESS_BITS).toEqual({
      inferred: 1,
      span: 2,
      innerSpan: 2,
      hook: 4,
      log: 8,
      transcriptSidechain: 16,
      transcript: 32,
      toolReport: 64,
      process: 128,
      metric: 256,
    });
  });

  it("are made from ranks; a rank that no witness has is left out", () => {
    const { log, transcript } = WITNESS_RANK;
    expect(witnessesOfRanks([log, transcript, log, 0, 7])).toBe(WITNESS_BITS.log + WITNESS_BITS.transcript);
    expect(witnessesOfRanks([])).toBe(0);
  });
});
