import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecordParser, type RecordParser } from "../../src/claude-code/parse-record.ts";

const parse = (parser: RecordParser, line: Buffer) => parser.parse(line, 0, line.length);

const word = fc.constantFrom("main", "2.1.197", "/home/dev/work", 'say "x"', "", "userType", ',"userType":');

/** Members behind `userType`, usual and odd, in any order and more than once. */
const endMember = fc.tuple(
  fc.constantFrom(
    "cwd",
    "sessionId",
    "version",
    "gitBranch",
    "entrypoint",
    "uuid",
    "type",
    "isMeta",
    "odd",
    "userType",
  ),
  fc.oneof(word, word, fc.constantFrom(1, true, null, { userType: "external", cwd: "/elsewhere" })),
);
const usualEnd = fc
  .tuple(word, word, word)
  .map(([cwd, sessionId, branch]) => Object.entries({ cwd, sessionId, version: "2.1.197", gitBranch: branch }));

const line = fc
  .record({
    type: fc.constantFrom("user", "assistant", "system", "summary", undefined),
    cwd: fc.option(word, { nil: undefined }),
    end: fc.oneof(usualEnd, usualEnd, fc.array(endMember, { maxLength: 6 })),
    behind: fc.array(endMember, { maxLength: 1 }),
    cut: fc.oneof(fc.constant(0), fc.nat(40)),
  })
  .map(({ type, cwd, end, behind, cut }) => {
    const start = Object.entries({ type, cwd, message: { content: `{"userType":"external","cwd":"${cwd}"}` } });
    const members: readonly (readonly [string, unknown])[] = [...start, ["userType", "external"], ...end, ...behind];
    const written = members
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
    const text = `{${written.join(",")}}`;
    return Buffer.from(text.slice(0, text.length - cut));
  });

describe("the record parser", () => {
  it("reads a line as if it had never seen another", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 12 }), (lines) => {
        const parser = createRecordParser();
        for (const bytes of [...lines, ...lines])
          expect(parse(parser, bytes)).toEqual(parse(createRecordParser(), bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("does not take a line cut off behind a key for a complete one", () => {
    const parser = createRecordParser();
    const cut = Buffer.from('{"type":"user","userType":');
    expect(parse(parser, cut)).toBe("unexpected end");
  });

  it("reads an end that is too long to be remembered", () => {
    const parser = createRecordParser();
    const bytes = Buffer.from(
      JSON.stringify({
        type: "user",
        userType: "x",
        odd: "o".repeat(5000),
        cwd: "/w",
        sessionId: "s",
        version: "1",
        gitBranch: "",
      }),
    );
    const expected = { type: "user", cwd: "/w", sessionId: "s", version: "1", gitBranch: "" };
    expect(parse(parser, bytes)).toMatchObject(expected);
    expect(parse(parser, bytes)).toMatchObject(expected);
  });
});
