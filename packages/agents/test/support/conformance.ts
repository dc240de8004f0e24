/** What every product's transcripts must keep to: run by each of their folders over a recorded run. */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addTokens, cacheWriteTokens, type Fact, NO_TOKENS } from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TranscriptPosition, TranscriptSource } from "../../src/index.ts";
import { type MergedFacts, mergeFacts } from "./merge-facts.ts";
import { describeFile, temporaryFolder } from "./reading.ts";

/** A recorded run, and what is known to be true of it. */
export interface Recording {
  readonly create: () => TranscriptSource;
  /** Folder to search. */
  readonly folder: string;
  readonly calls: number;
  /** Input that was not cached, cache reads, cache writes, output, and of it reasoning. */
  readonly tokens: readonly [input: number, cacheRead: number, cacheWrite: number, output: number, reasoning: number];
  /** Agents of the tasks. */
  readonly agents: readonly string[];
  /** Texts of the run that must appear in no fact and no state. */
  readonly content: readonly string[];
}

interface Reading {
  readonly facts: readonly Fact[];
  readonly merged: MergedFacts;
  readonly skipped: Readonly<Record<string, number>>;
  readonly states: readonly string[];
  readonly position: TranscriptPosition | undefined;
}

function readOne(source: TranscriptSource, path: string, from?: TranscriptPosition): Reading {
  const facts: Fact[] = [];
  const states: string[] = [];
  const skipped: Record<string, number> = {};
  let position = from;
  for (const chunk of source.read(describeFile(path), from)) {
    expect(chunk.failure).toBeUndefined();
    facts.push(...chunk.facts);
    states.push(chunk.state);
    position = { offsetBytes: chunk.offsetBytes, state: chunk.state };
    for (const [reason, count] of chunk.skipped) skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  return { facts, merged: mergeFacts(facts), skipped, states, position };
}

/** Declares the tests of a product. */
export function describeConformance({ create, folder, calls, tokens, agents, content }: Recording): void {
  const source = create();
  const paths = source.discover([folder]).files.map(({ path }) => path);
  const readings = paths.map((path) => readOne(source, path));
  const merged = mergeFacts(readings.flatMap(({ facts }) => facts));

  /** The same place in a copy of the tree: paths tell whose file it is. */
  const copied = (path: string): string => {
    const copy = temporaryFolder();
    cpSync(folder, copy, { recursive: true });
    return join(copy, path.slice(folder.length));
  };

  describe(`the transcripts of ${source.label}`, () => {
    it("have the true calls and tokens of the recorded run", () => {
      const modelCalls = Object.values(merged.modelCalls);
      const sum = modelCalls.reduce((total, call) => addTokens(total, call.usage ?? NO_TOKENS), NO_TOKENS);
      expect(modelCalls).toHaveLength(calls);
      expect([sum.input, sum.cacheRead, cacheWriteTokens(sum), sum.output, sum.reasoning]).toEqual(tokens);
    });

    it("name their agents, and put every call into a task of theirs", () => {
      expect([...new Set(Object.values(merged.tasks).map((task) => task.agent))].toSorted()).toEqual(agents);
      for (const call of Object.values(merged.modelCalls)) expect(Object.keys(merged.tasks)).toContain(call.taskId);
    });

    it("are of one product and skip no line for being unknown", () => {
      const facts = readings.flatMap((reading) => reading.facts);
      const products = facts.map((fact) => (fact.kind === "quality" ? "" : fact.product));
      expect(new Set(products)).toEqual(new Set([source.product]));
      expect(Object.assign({}, ...readings.map(({ skipped }) => skipped))).toEqual({});
    });

    it("give the same facts when they are read twice, and from a copy elsewhere", () => {
      const copy = temporaryFolder();
      cpSync(folder, copy, { recursive: true });
      const again = source.discover([copy]).files.flatMap(({ path }) => readOne(create(), path).facts);
      expect(mergeFacts([...again, ...readings.flatMap(({ facts }) => facts)])).toEqual(merged);
    });

    it("give the same facts wherever the bytes of a growing file are cut", () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...paths),
          fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
          (path, cuts) => {
            const bytes = readFileSync(path);
            const grown = copied(path);
            writeFileSync(grown, "");
            const facts: Fact[] = [];
            let position: TranscriptPosition | undefined;
            let begin = 0;
            for (const end of [
              ...cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((a, b) => a - b),
              bytes.length,
            ]) {
              appendFileSync(grown, bytes.subarray(begin, end));
              begin = end;
              const reading = readOne(source, grown, position);
              facts.push(...reading.facts);
              position = reading.position;
            }
            expect(mergeFacts(facts)).toEqual(readings[paths.indexOf(path)]?.merged);
          },
        ),
        { numRuns: 60 },
      );
    });

    it("never throw for what a file holds", () => {
      const path = paths[0] ?? "";
      const bytes = readFileSync(path);
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          const target = copied(path);
          writeFileSync(target, damaged);
          readOne(source, target);
        }),
        { numRuns: 60 },
      );
    });

    it("leave no content in facts and in what is remembered between reads", () => {
      const kept = JSON.stringify(
        readings.map(({ facts, states }) => [facts.filter(({ kind }) => kind !== "file_change"), states]),
      );
      for (const text of content) expect(kept).not.toContain(text);
    });
  });
}
