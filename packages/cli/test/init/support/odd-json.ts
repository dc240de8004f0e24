/** JSON as people write it: any blanks, comments, commas, line ends. */
import fc from "fast-check";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const key = fc.constantFrom("env", "hooks", "telemetry", "model", "a b", "permissions", "ключ", "", "__proto__x");
const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 1, -2.5e3, "", 'with "quotes"', "a // no comment", "{,}", "/* nor this */"),
  fc.string({ maxLength: 6 }),
);
const objectOf = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true });

/** An object in which `env` and `telemetry` are objects and `hooks` holds lists of groups, where they are there. */
const settings: fc.Arbitrary<Json> = fc
  .record(
    {
      env: fc.dictionary(fc.constantFrom("A", "OTEL_LOGS_EXPORTER", "PATH"), fc.string({ maxLength: 5 }), {
        noNullPrototype: true,
      }),
      telemetry: fc.dictionary(fc.constantFrom("x", "y"), leaf, { noNullPrototype: true }),
      hooks: fc.dictionary(
        fc.constantFrom("Stop", "SessionStart", "Own"),
        fc.array(
          fc.record({
            matcher: fc.constant("*"),
            hooks: fc.array(fc.record({ type: fc.constant("command"), command: fc.constantFrom("say", "ring") }), {
              minLength: 1,
              maxLength: 2,
            }),
          }),
          { maxLength: 2 },
        ),
        { noNullPrototype: true },
      ),
      rest: fc.oneof(objectOf(leaf), fc.array(objectOf(leaf), { maxLength: 3 })),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .map((value) => value as Json);

/** A text, written oddly. */
export const oddJson: fc.Arbitrary<string> = fc
  .tuple(
    settings,
    fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 40 }),
    fc.constantFrom("\n", "\r\n"),
    fc.constantFrom("  ", "\t", "    "),
  )
  .map(([value, choices, lineEnd, unit]) => {
    let at = 0;
    const choose = (): number => choices[at++ % choices.length]!;
    const gap = (depth: number): string => {
      const line = lineEnd + unit.repeat(depth);
      return ["", "", " ", line, line, line, ` // why${line}`, `/* x${lineEnd} */`, `${line}// "a": {,${line}`, "  "][
        choose()
      ]!;
    };
    const write = (given: Json, depth: number): string => {
      if (typeof given !== "object" || given === null) return JSON.stringify(given);
      const isList = Array.isArray(given);
      const parts = isList
        ? given.map((item: Json) => write(item, depth + 1))
        : Object.entries(given).map(
            ([name, inner]) =>
              `${JSON.stringify(name)}${choose() === 0 ? gap(depth) : ""}:${gap(depth + 1)}${write(inner, depth + 1)}`,
          );
      const body = parts
        .map(
          (part, i) =>
            `${gap(depth + 1)}${part}${i < parts.length - 1 || choose() === 5 ? `${choose() === 3 ? gap(depth + 1) : ""},` : ""}`,
        )
        .join("");
      return `${isList ? "[" : "{"}${body}${gap(depth)}${isList ? "]" : "}"}`;
    };
    return `${choose() === 1 ? `// mine${lineEnd}` : ""}${write(value, 0)}${["", lineEnd, lineEnd, `${lineEnd}// end`][choose() % 4]}`;
  });
