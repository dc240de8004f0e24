/** How files of SDKs are found and patched as Node loads them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installHooks } from "../../src/register/hooks.ts";
import { TELL_KEY, tailOf } from "../../src/register/tail.ts";

let folder: string;
let told: unknown[];
let takeAway: () => void = () => {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hooks-"));
  told = [];
  Object.assign(globalThis, { [Symbol.for(TELL_KEY)]: (...args: unknown[]) => void told.push(args) });
});
afterEach(() => {
  takeAway();
  rmSync(folder, { recursive: true });
  Reflect.deleteProperty(globalThis, Symbol.for(TELL_KEY));
  vi.restoreAllMocks();
});

/** A file of a package in a folder of its own. */
function write(path: string, text: string): string {
  const file = join(folder, "node_modules", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe("the line for a file", () => {
  it.each([
    ["file:///app/node_modules/openai/resources/embeddings.mjs", "openai"],
    ["file:///app/node_modules/.pnpm/openai@7.59.0/node_modules/openai/resources/embeddings.js", "openai"],
    ["/app/node_modules/@anthropic-ai/sdk/resources/messages/messages.js", "@anthropic-ai/sdk"],
    ["file:///app/node_modules/other/node_modules/openai/resources/embeddings.mjs", "openai"],
  ])("names the package of %s", (url, packageName) => {
    expect(tailOf(url, false, () => "")).toContain(`("${packageName}","resources/`);
  });

  it.each([
    "file:///app/node_modules/openai/resources/audio/speech.mjs",
    "file:///app/node_modules/openai-clone/resources/embeddings.mjs",
    "file:///app/src/openai/resources/embeddings.mjs",
    "file:///app/node_modules/openai/resources/embeddings.d.ts",
    "node:fs",
  ])("is missing for %s", (url) => {
    expect(tailOf(url, false, () => "")).toBeUndefined();
  });
});

describe("the hooks", () => {
  it("hand over what ES modules and CommonJS define, and leave other files alone", async () => {
    const esm = write("openai/resources/embeddings.mjs", "export class Embeddings {}\n//# sourceMappingURL=x.map");
    const cjs = write(
      "openai/resources/completions.js",
      "exports.Completions = class Completions {}; exports.Other = 1;",
    );
    const empty = write("openai/resources/responses/responses.mjs", "export const other = 1;");
    const foreign = write("else/resources/embeddings.mjs", "export class Embeddings {}");
    takeAway = installHooks();
    const { Embeddings } = await import(pathToFileURL(esm).href);
    const { Completions } = createRequire(import.meta.url)(cjs);
    await import(pathToFileURL(empty).href);
    await import(pathToFileURL(foreign).href);
    expect(told).toEqual([
      ["openai", "resources/embeddings", { Embeddings }],
      ["openai", "resources/completions", { Completions }],
      ["openai", "resources/responses/responses", { Responses: undefined }],
    ]);
  });

  it("find what a minified bundle exports, replace its functions and leave its constants", async () => {
    const text = "function a(){return 1}const b=()=>2;class c{}export{a as query,b as startup,c as AbortError};\n";
    const bundle = write("@anthropic-ai/claude-agent-sdk/sdk.mjs", text);
    const replacements = { query: () => 10, startup: () => 20 };
    Object.assign(globalThis, {
      [Symbol.for(TELL_KEY)]: (...args: unknown[]) => {
        told.push(args);
        return replacements;
      },
    });
    takeAway = installHooks();
    const sdk = await import(pathToFileURL(bundle).href);
    expect(told).toMatchObject([["@anthropic-ai/claude-agent-sdk", "sdk", { prewarm: undefined }]]);
    expect([sdk.query(), sdk.startup(), typeof sdk.AbortError]).toEqual([10, 2, "function"]);
  });

  it("replace what a file of CommonJS exports", () => {
    const file = write("@openai/agents-core/dist/tool.js", "exports.tool = tool; function tool() { return 1; }");
    Object.assign(globalThis, { [Symbol.for(TELL_KEY)]: () => ({ tool: () => 10 }) });
    takeAway = installHooks();
    expect(createRequire(import.meta.url)(file).tool()).toBe(10);
  });

  it("that Node does not have are missed in one warning", () => {
    const said = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    takeAway = installHooks({});
    expect(said).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("Use 22.15, 23.5 or newer"), {
      code: "MOAI_METRICS_NO_HOOKS",
    });
  });

  it("of a Node without synchronous ones change the text of files of SDKs alone, until they are taken away", () => {
    vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const compiled: unknown[] = [];
    const compile = (content: unknown): void => void compiled.push(content);
    const prototype = { _compile: compile as (content: unknown, path: string) => void };
    const registered: unknown[] = [];
    const release = installHooks({ register: ((url: URL) => void registered.push(url.pathname)) as never, prototype });
    expect(registered).toEqual([expect.stringMatching(/register\/loader\.ts$/)]);
    const text = "exports.Completions = class Completions {};";
    prototype._compile(text, "/app/node_modules/openai/resources/completions.js");
    for (const path of ["/app/node_modules/else/completions.js", "/app/openai/resources/completions.js"]) {
      prototype._compile(text, path);
    }
    prototype._compile(undefined, "/app/node_modules/openai/resources/completions.js");
    expect(compiled).toEqual([expect.stringMatching(/^exports\.Completions = .*openai/s), text, text, undefined]);
    // Who changed the compiler later keeps the change.
    const another = (): void => {};
    const ours = prototype._compile;
    prototype._compile = another;
    release();
    expect(prototype._compile).toBe(another);
    prototype._compile = ours;
    release();
    expect(prototype._compile).toBe(compile);
  });

  it("of a Node without synchronous ones see both kinds of files, with one warning", () => {
    const hooks = fileURLToPath(new URL("../../src/register/hooks.ts", import.meta.url));
    const esm = write("openai/resources/embeddings.mjs", "export class Embeddings {}");
    const cjs = write("openai/resources/completions.js", "exports.Completions = class Completions {};");
    const foreign = write("else/resources/completions.js", "exports.Completions = class Completions {};");
    const program = join(folder, "program.mjs");
    writeFileSync(
      program,
      `import module, { createRequire } from "node:module";
      import { installHooks } from ${JSON.stringify(hooks)};
      const told = [];
      globalThis[Symbol.for(${JSON.stringify(TELL_KEY)})] = (...args) => void told.push(args.slice(0, 2).join(" "));
      const takeAway = installHooks({ register: module.register, prototype: module.prototype });
      const require = createRequire(import.meta.url);
      await import(${JSON.stringify(pathToFileURL(esm).href)});
      require(${JSON.stringify(cjs)});
      require(${JSON.stringify(foreign)});
      takeAway();
      console.log(JSON.stringify(told));`,
    );
    const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '["openai resources/embeddings","openai resources/completions"]\n',
    });
    expect(stderr.match(/MOAI_METRICS_SLOW_HOOKS/g)).toHaveLength(1);
  });
});
