import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { applyEdits, type EditedText, invertEdits } from "../../src/init/edit/text-edits.ts";
import { addToml, removeEmptyTomlTable, removeToml, tomlAt, tomlProblem } from "../../src/init/edit/toml-text.ts";
import { oddToml } from "./support/odd-toml.ts";

const edited = (text: string) => ({ text, edits: [] });
const EXPORTER = { "otlp-http": { endpoint: "http://127.0.0.1:4318/v1/logs", protocol: "binary" } };
const LINE = 'exporter = { otlp-http = { endpoint = "http://127.0.0.1:4318/v1/logs", protocol = "binary" } }';

describe("the text of a TOML file", () => {
  it("gets a key in the way in which the table is written", () => {
    const add = (text: string): string | undefined => addToml(edited(text), "otel", "exporter", EXPORTER)?.text;
    expect(add("")).toBe(`[otel]\n${LINE}\n`);
    expect(add("a = 1")).toBe(`a = 1\n\n[otel]\n${LINE}\n`);
    expect(add("a = 1\r\n")).toBe(`a = 1\r\n\r\n[otel]\r\n${LINE}\r\n`);
    expect(add('[otel] # mine\n  environment = "dev"\n[tui]\n')).toBe(
      `[otel] # mine\n  ${LINE}\n  environment = "dev"\n[tui]\n`,
    );
    expect(add('otel.environment = "dev" # x\nb = 1\n')).toBe(`otel.environment = "dev" # x\notel.${LINE}\nb = 1\n`);
    expect(add('otel = { environment = "dev" }')).toBe(`otel = { ${LINE}, environment = "dev" }`);
    expect(add("otel = {}")).toBe(`otel = {${LINE} }`);
    expect(add('text = """\n[otel]\n"""\n')).toBe(`text = """\n[otel]\n"""\n\n[otel]\n${LINE}\n`);
    expect(add("otel = 3")).toBeUndefined();
    expect(add("[[otel]]\na = 1\n")).toBeUndefined();
  });

  it("says which line is no TOML", () => {
    expect(tomlProblem("a = 1\nb =\n")).toMatch(/^line 2: /);
    expect(tomlProblem("a = 1")).toBeUndefined();
    expect(tomlAt("[otel]\na = 1\n", "otel")).toEqual({ a: 1 });
    expect(tomlAt("b = 1\n", "otel", "a")).toBeUndefined();
    expect(tomlAt("b = 1\n")).toEqual({ b: 1 });
  });

  it("keeps a key that cannot be taken out alone", () => {
    const text = 'otel = { exporter = { otlp-http = {endpoint="x"} }, a = 1 }';
    expect(removeToml(edited(text), "otel", "exporter")).toBeUndefined();
    expect(removeToml(edited("a = 1"), "otel", "exporter")?.text).toBe("a = 1");
    expect(removeEmptyTomlTable(edited("[otel] # mine\n"), "otel").text).toBe("[otel] # mine\n");
    expect(removeEmptyTomlTable(edited("a = 1\n"), "otel").text).toBe("a = 1\n");
  });

  it("says what it shall after any change of any text, and is itself again after its inverse", () => {
    fc.assert(
      fc.property(oddToml, (text) => {
        const content = parse(text, { integersAsBigInt: "asNeeded" });
        const once = addToml(edited(text), "otel", "exporter", EXPORTER) as EditedText;
        const both = addToml(once, "otel", "metrics_exporter", "none") as EditedText;
        expect(parse(both.text, { integersAsBigInt: "asNeeded" })).toEqual({
          ...content,
          otel: { ...(content["otel"] as object), exporter: EXPORTER, metrics_exporter: "none" },
        });
        expect(applyEdits(both.text, invertEdits(both.edits))).toBe(text);
        const without = removeToml(removeToml(both, "otel", "exporter") as EditedText, "otel", "metrics_exporter");
        expect(parse(without?.text ?? "", { integersAsBigInt: "asNeeded" })).toEqual({ otel: {}, ...content });
      }),
      { numRuns: 400 },
    );
  });
});
