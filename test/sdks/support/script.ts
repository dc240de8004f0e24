/** What a provider will answer, and what is true of the calls that get these answers. */
import { expect } from "vitest";
import { type Answer, type Provider, startProvider } from "./provider.ts";
import { asRows, callsIn, metricIn, type Recording, startRecording, type TrueCall } from "./recording.ts";

/** A provider and a recording side by side. */
export interface Script {
  readonly provider: Provider;
  readonly recording: Recording;
  /** The next answers, and the truth about the calls that they answer. */
  next(answers: readonly Answer[], ...calls: TrueCall[]): void;
  /** Compares ledger and metrics with the truth; `otherErrors` are those of tools and tasks. */
  expectTruth(more?: { otherErrors?: number }): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both. A request that was not expected gets an error. */
export async function startScript(): Promise<Script> {
  const answers: Answer[] = [];
  const truth: TrueCall[] = [];
  const recording = startRecording();
  const provider = await startProvider(
    () => answers.shift() ?? { json: { error: { message: "no script" } }, status: 400 },
  );
  return {
    provider,
    recording,
    next: (more, ...calls) => {
      answers.push(...more);
      truth.push(...calls);
    },
    expectTruth: async ({ otherErrors = 0 } = {}) => {
      expect(answers).toEqual([]);
      const store = await recording.open();
      expect(callsIn(store)).toEqual(asRows(truth));
      const total = (part: (tokens: NonNullable<TrueCall["tokens"]>) => number): number =>
        truth.reduce((sum, { tokens }) => sum + (tokens === undefined ? 0 : part(tokens)), 0);
      const written = ({ cacheWrite5m = 0, cacheWrite1h = 0 }: NonNullable<TrueCall["tokens"]>): number =>
        cacheWrite5m + cacheWrite1h;
      expect({
        input: metricIn(store, "inputTokens"),
        output: metricIn(store, "outputTokens"),
        cacheRead: metricIn(store, "cacheReadTokens"),
        cacheWrite: metricIn(store, "cacheWriteTokens"),
        reasoning: metricIn(store, "reasoningTokens"),
        calls: metricIn(store, "inferenceDuration"),
        errors: metricIn(store, "errors"),
      }).toEqual({
        input: total((tokens) => (tokens.input ?? 0) + (tokens.cacheRead ?? 0) + written(tokens)),
        output: total(({ output = 0 }) => output),
        cacheRead: total(({ cacheRead = 0 }) => cacheRead),
        cacheWrite: total(written),
        reasoning: total(({ reasoning = 0 }) => reasoning),
        calls: truth.length,
        errors: truth.filter(({ error }) => error !== undefined).length + otherErrors,
      });
      expect(store.checkRollups()).toEqual([]);
    },
    stop: async () => {
      await provider.close();
      await recording.stop();
    },
  };
}

/** Reads a stream, to its end or some chunks of it. */
export async function read(stream: AsyncIterable<unknown>, atMost: number = Number.POSITIVE_INFINITY): Promise<void> {
  let chunks = 0;
  for await (const _ of stream) {
    chunks += 1;
    if (chunks >= atMost) break;
  }
}
