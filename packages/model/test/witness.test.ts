import { WITNESS_RANK } from "@moai-metrics/model";
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
