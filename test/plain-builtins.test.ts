import { existsSync, readFileSync } from "node:fs";
import process, { cwd } from "node:process";
import { describe, expect, it } from "vitest";
import { withPlainBuiltins } from "../scripts/plain-builtins.ts";

/** Runs code that begins as given and returns what its last expression says. */
function resultOf(head: string, expression: string): unknown {
  return new Function(`${withPlainBuiltins(head)}return ${expression};`)();
}

describe("a chunk of the bundle", () => {
  it("has names, renamed ones and defaults of Node's modules without an import", () => {
    expect(resultOf('import { existsSync, readFileSync as read } from "node:fs";\n', "[existsSync, read]")).toEqual([
      existsSync,
      readFileSync,
    ]);
    expect(resultOf('import process from "node:process";\n', "process")).toBe(process);
    expect(resultOf('import fs, { readFileSync } from "node:fs";\n', "fs.readFileSync === readFileSync")).toBe(true);
    expect(resultOf('import { cwd } from "node:process";\nimport path from "node:path";\n', "path.resolve()")).toBe(
      cwd(),
    );
  });

  it("has its other imports first, as a bundler writes them", () => {
    const lines = ['import { join } from "node:path";', 'import { z } from "zod";', "z.object();", ""].join("\n");
    expect(withPlainBuiltins(lines)).toMatch(/^import \{ z \} from "zod";\nconst \{ join \} = .+;\nz\.object\(\);\n$/);
  });

  it("keeps every other import, and whatever only looks like one", () => {
    const others = [
      'import * as fs from "node:fs";',
      'import "node:fs";',
      'import { default as path, sep } from "node:path";',
      'import { a } from "./a.js";',
      'import Database from "better-sqlite3";',
      "const text = `",
      'import fs from "node:fs";',
      "`;",
    ].join("\n");
    expect(withPlainBuiltins(others)).toBe(others);
  });
});
