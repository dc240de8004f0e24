import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendJson, jsonAt, jsonProblem, removeJson, setJson } from "../../src/init/edit/json-text.ts";
import { applyEdits, invertEdits } from "../../src/init/edit/text-edits.ts";
import { oddJson } from "./support/odd-json.ts";

const edited = (text: string) => ({ text, edits: [] });

describe("the text of a JSON file", () => {
  it("gets a value in the way in which the file is written", () => {
    const set = (text: string): string => setJson(edited(text), ["env", "B"], "2").text;
    expect(set("{}\n")).toBe('{\n  "env": {\n    "B": "2"\n  }\n}\n');
    expect(set('{\r\n\t"env": {\r\n\t\t"A": "1" // one\r\n\t}\r\n}\r\n')).toBe(
      '{\r\n\t"env": {\r\n\t\t"A": "1", // one\r\n\t\t"B": "2"\r\n\t}\r\n}\r\n',
    );
    expect(set('{ "env": {"A": "1"} }')).toBe('{ "env": {"A": "1", "B": "2"} }');
    expect(set('{"env":{}}')).toBe('{"env":{"B": "2"}}');
    expect(set('{\n    "env": { /* none */ },\n}\n')).toBe(
      '{\n    "env": {\n        "B": "2"\n     /* none */ },\n}\n',
    );
    expect(set('{\n  "env": {\n    "A": "1",\n  },\n}\n')).toBe(
      '{\n  "env": {\n    "A": "1",\n    "B": "2",\n  },\n}\n',
    );
    expect(set('{\n  "env": {\n    // none\n  }\n}\n')).toBe('{\n  "env": {\n    "B": "2"\n    // none\n  }\n}\n');
    expect(set('{\n  "env": { "A": "1",\n    "C": 3 }\n}\n')).toBe(
      '{\n  "env": { "A": "1",\n    "C": 3,\n    "B": "2" }\n}\n',
    );
  });

  it("replaces a value where it stands", () => {
    expect(setJson(edited('{ "a": 1, "b": [2] } // x'), ["b"], { c: 3 }).text).toBe('{ "a": 1, "b": {"c":3} } // x');
  });

  it("says which line is no JSON, and what it does not take", () => {
    expect(jsonProblem('{\n  "a": 1\n  "b": 2\n}')).toMatch(/^line 3: /);
    expect(jsonProblem("")).toMatch(/^line 1: /);
    expect(jsonProblem("[1]")).toBe("it holds no object");
    expect(jsonProblem('{"env":{}, "env":{}}')).toBe('"env" stands there twice');
    expect(jsonProblem('{"env":{"A":1,"A":2}}')).toBe('"A" stands there twice');
    expect(jsonProblem('{ "a": [1,], } // x')).toBeUndefined();
    expect(() => setJson(edited('{"env": 3}'), ["env", "B"], 1)).toThrow(TypeError);
    expect(() => appendJson(edited('{"hooks": {"Stop": {}}}'), ["hooks", "Stop"], 1)).toThrow(TypeError);
    expect(() => setJson(edited(""), ["env"], 1)).toThrow("no JSON");
    expect(removeJson(edited('{"a": 1}'), ["b"]).text).toBe('{"a": 1}');
    expect(removeJson(edited('{"a": 1}'), []).text).toBe('{"a": 1}');
  });

  it("loses nothing but what is taken out", () => {
    const text = '{\n  // first\n  "a": 1, // one\n  "b": 2, "c": 3,\n  "d": 4 // four\n}\n';
    const removed = (path: string): string => removeJson(edited(text), [path]).text;
    expect(removed("a")).toBe('{\n  // first\n  // one\n  "b": 2, "c": 3,\n  "d": 4 // four\n}\n');
    expect(removed("b")).toBe('{\n  // first\n  "a": 1, // one\n  "c": 3,\n  "d": 4 // four\n}\n');
    expect(removed("d")).toBe('{\n  // first\n  "a": 1, // one\n  "b": 2, "c": 3\n  // four\n}\n');
  });

  it("says what it shall after any change of any text, and is itself again after its inverse", () => {
    fc.assert(
      fc.property(oddJson, fc.constantFrom("A", "NEW", "OTEL_LOGS_EXPORTER"), (text, name) => {
        expect(jsonProblem(text)).toBeUndefined();
        const content = jsonAt(text, []) as { env?: object; hooks?: { Stop?: unknown[] } };
        const set = setJson(edited(text), ["env", name], "ours");
        const both = appendJson(set, ["hooks", "Stop"], { hooks: [{ type: "command" }] });
        expect(jsonProblem(both.text)).toBeUndefined();
        expect(jsonAt(both.text, [])).toEqual({
          ...content,
          env: { ...content.env, [name]: "ours" },
          hooks: { ...content.hooks, Stop: [...(content.hooks?.Stop ?? []), { hooks: [{ type: "command" }] }] },
        });
        expect(applyEdits(both.text, invertEdits(both.edits))).toBe(text);
        const without = removeJson(both, ["env", name]);
        expect(jsonProblem(without.text)).toBeUndefined();
        const { [name as "A"]: _gone, ...env } = { ...(content.env as { A?: string }) };
        expect(jsonAt(without.text, ["env"])).toEqual(env);
      }),
      { numRuns: 400 },
    );
  });
});

describe("edits", () => {
  it("are not made in another text", () => {
    expect(() => applyEdits("abc", [{ offset: 1, removed: "x", inserted: "y" }])).toThrow("another text");
  });
});
