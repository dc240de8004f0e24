/** What the check of examples in docstrings finds; `npm run check` compiles them. */
import { expect, it } from "vitest";
import { examplesOf, exportedNames, moduleOf } from "../scripts/check-examples.ts";

const SOURCE = `
/** Says hello. */
export function greet(): void {}

/**
 * Adds.
 *
 * @example
 * \`\`\`ts
 * console.log(add(1, 2));
 * \`\`\`
 * @returns the sum.
 */
export async function add(a: number, b: number): Promise<number> {}
`;

it("examples are found with their place, and what has none", () => {
  expect(examplesOf("sum.ts", SOURCE)).toEqual({
    examples: [{ name: "add", place: "sum.ts:5", code: "console.log(add(1, 2));\n" }],
    without: ["greet"],
  });
});

it("an index tells values from types", () => {
  const index =
    'export { type A, add } from "./a.ts";\nexport type { B } from "./b.ts";\nexport {\n  greet,\n} from "./c.ts";';
  expect(exportedNames(index)).toEqual({ values: ["add", "greet"], types: ["A", "B"] });
});

it("an example gets the imports that it leaves out, and keeps its own", () => {
  const code = 'import { greet } from "elsewhere";\ngreet(add(1));\n';
  expect(moduleOf(code, ["add", "greet", "other"], "sums")).toBe(`import { add } from "sums";\n${code}export {};\n`);
});
