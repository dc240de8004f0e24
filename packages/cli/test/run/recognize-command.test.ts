import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProgramLookup } from "../../src/run/program-lookup.ts";
import { agentNamed, type ProgramLookup, recognizeCommand } from "../../src/run/recognize-command.ts";
import { temporaryHome } from "../support/run-binary.ts";

const NOTHING_INSTALLED: ProgramLookup = {
  resolve: () => undefined,
  packageOf: () => undefined,
  isNodeScript: () => false,
};

/** The agent, and the words in front of its own arguments. */
function recognized(line: string): readonly [agent: string | undefined, before: string] {
  const command = line.split(" ");
  const { agent, argumentsAt } = recognizeCommand(command, NOTHING_INSTALLED);
  return [agent, command.slice(0, argumentsAt).join(" ")];
}

describe("recognizing a command", () => {
  it.each([
    ["claude -p hi", "claude-code", "claude"],
    ["/usr/local/bin/claude -p hi", "claude-code", "/usr/local/bin/claude"],
    ["codex exec hi", "codex", "codex"],
    ["./node_modules/.bin/gemini -p hi", "gemini-cli", "./node_modules/.bin/gemini"],
    ["npx claude -p hi", "claude-code", "npx claude"],
    ["npx -y @anthropic-ai/claude-code@2.1.330 -p hi", "claude-code", "npx -y @anthropic-ai/claude-code@2.1.330"],
    ["npx -p @openai/codex@latest codex exec", "codex", "npx -p @openai/codex@latest codex"],
    ["npm exec -- @google/gemini-cli -p hi", "gemini-cli", "npm exec -- @google/gemini-cli"],
    ["pnpm dlx @openai/codex exec", "codex", "pnpm dlx @openai/codex"],
    ["pnpm codex exec", "codex", "pnpm codex"],
    ["yarn dlx -p @google/gemini-cli gemini -p hi", "gemini-cli", "yarn dlx -p @google/gemini-cli gemini"],
    ["bunx @openai/codex", "codex", "bunx @openai/codex"],
    ["env -u DEBUG CI=1 claude -p x", "claude-code", "env -u DEBUG CI=1 claude"],
    ["timeout -k 5 60 nice -n 5 codex exec", "codex", "timeout -k 5 60 nice -n 5 codex"],
    [
      "node --import ./hook.mjs /opt/gemini/bundle/gemini.js -p",
      "gemini-cli",
      "node --import ./hook.mjs /opt/gemini/bundle/gemini.js",
    ],
  ])("sees through %s", (line, agent, before) => {
    expect(recognized(line)).toEqual([agent, before]);
  });

  it.each([
    "echo claude",
    "bash -c claude",
    "npx -c claude",
    "npx -y",
    "env CI=1",
    "node -e claude",
    "npm run claude",
    "claude-squad",
    "npx @openai/codex-sdk",
    "vim codex.md",
  ])("does not take %s for an agent", (line) => {
    expect(recognized(line)[0]).toBeUndefined();
  });

  it.each([
    ["node agent.js", true],
    ["env A=1 node agent.js", true],
    ["npm run agent", true],
    ["npx tsx agent.ts", true],
    ["bun agent.ts", false],
    ["python3 agent.py", false],
    ["sh -c node", false],
  ])("knows whether %s is a Node process", (line, isNode) => {
    expect(recognizeCommand(line.split(" "), NOTHING_INSTALLED).isNode).toBe(isNode);
  });

  it("follows links, and asks the package that a program belongs to", () => {
    const home = temporaryHome();
    const install = (path: string, text = "#!/usr/bin/env node\n"): string => {
      const file = join(home, path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text);
      chmodSync(file, 0o755);
      return file;
    };
    const bin = join(home, "bin");
    mkdirSync(bin);
    symlinkSync(install(".local/share/claude/versions/2.1.330", ""), join(bin, "cc"));
    symlinkSync(install("lib/node_modules/@openai/codex/bin/run.js"), join(bin, "cx"));
    writeFileSync(join(home, "lib/node_modules/@openai/codex/package.json"), '{"name":"@openai/codex"}');
    symlinkSync(install("bundle/gemini.js"), join(bin, "g"));
    install("bin/other", "#!/usr/bin/env -S node --no-warnings\n");
    install("bin/script", "#!/bin/sh\n");
    writeFileSync(join(bin, "plain"), "");
    const lookup = createProgramLookup({ PATH: `${join(home, "nowhere")}::${bin}` }, home);
    const agentOf = (...words: string[]): string | undefined => recognizeCommand(words, lookup).agent;
    expect([agentOf("cc"), agentOf("cx"), agentOf("bin/cx"), agentOf("g")]).toEqual([
      "claude-code",
      "codex",
      "codex",
      "gemini-cli",
    ]);
    expect([agentOf("other"), agentOf("script"), agentOf("plain"), agentOf("nothing")]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    expect(recognizeCommand(["other"], lookup)).toEqual({
      agent: undefined,
      argumentsAt: 1,
      isNode: true,
      name: "other",
    });
    expect(recognizeCommand(["script"], lookup).isNode).toBe(false);
    expect(recognizeCommand(["node", "bundle/gemini.js"], createProgramLookup({}, home)).agent).toBe("gemini-cli");
    expect(lookup.packageOf("/")).toBeUndefined();
    expect(lookup.isNodeScript(join(home, "nowhere"))).toBe(false);
  });

  it("takes products and programs as names of agents", () => {
    expect(["claude", "claude-code", "gemini", "codex", "cursor"].map(agentNamed)).toEqual([
      "claude-code",
      "claude-code",
      "gemini-cli",
      "codex",
      undefined,
    ]);
  });
});
