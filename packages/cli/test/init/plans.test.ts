import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planClaudeHooks, planClaudeTelemetry } from "../../src/init/agents/claude-code.ts";
import { planCodexTelemetry } from "../../src/init/agents/codex.ts";
import { planGeminiTelemetry } from "../../src/init/agents/gemini-cli.ts";
import { jsonAt } from "../../src/init/edit/json-text.ts";
import type { FormatName } from "../../src/init/edit/settings-format.ts";
import { hashOf } from "../../src/init/file-state.ts";
import { EMPTY_JOURNAL, type Journal, withFile } from "../../src/init/journal.ts";
import { type FilePlan, planFile } from "../../src/init/plan-files.ts";
import type { Wish } from "../../src/init/plan-settings.ts";
import { planUndo } from "../../src/init/plan-undo.ts";
import { oddJson } from "./support/odd-json.ts";
import { oddToml } from "./support/odd-toml.ts";

const URL = "http://127.0.0.1:4318";
const NOTHING = { settings: {}, ours: {}, managed: {}, shell: {} };
const claudeWishes = (url = URL, token?: string): readonly Wish[] => [
  ...planClaudeTelemetry(NOTHING, { url, token }).wishes,
  ...planClaudeHooks("2.1.330", { command: "sh /data/hooks/claude-code.sh", request: undefined }),
];
const codexWishes = (url = URL): readonly Wish[] => planCodexTelemetry({}, {}, { url, token: undefined }).wishes;

/** One file, and what `init` does to it, again and again. */
function createFile(format: FormatName, before: string | undefined, mode = 0o644) {
  let text = before;
  let journal: Journal = EMPTY_JOURNAL;
  const state = () => ({ target: "/f", text, mode: text === undefined ? undefined : mode });
  return {
    get text() {
      return text;
    },
    set text(next: string | undefined) {
      text = next;
    },
    init(wishes: readonly Wish[], hasToken = false): FilePlan {
      const plan = planFile({ path: "/f", format, wishes, hasToken, mode: 0o600 }, state(), journal);
      if (plan.change !== undefined) {
        text = plan.change.after;
        journal = withFile(journal, plan.change.journal);
      }
      return plan;
    },
    undo() {
      const [file] = journal.files;
      const plan = file === undefined ? undefined : planUndo(file, state());
      if (plan !== undefined && plan.problem === undefined) text = plan.after;
      return plan;
    },
  };
}

describe("init of one file", () => {
  it.each([
    ["json", oddJson, claudeWishes],
    ["toml", oddToml, codexWishes],
  ] as const)(
    "is taken back to the byte, changes nothing the second time, follows a change: %s",
    (format, odd, wishesFor) => {
      fc.assert(
        fc.property(fc.option(odd, { nil: undefined }), (before) => {
          const file = createFile(format, before);
          file.init(wishesFor());
          expect(file.init(wishesFor()).change).toBeUndefined();
          const first = file.text;
          file.init(wishesFor("http://127.0.0.1:4319"));
          expect(file.text).not.toContain(":4318");
          file.init(wishesFor());
          // Where the user has a value of his own, it stood and stands.
          expect(format === "json" ? jsonAt(file.text ?? "", []) : "").toEqual(
            format === "json" ? jsonAt(first ?? "", []) : "",
          );
          expect(file.undo()?.isExact ?? true).toBe(true);
          expect(file.text).toBe(before);
        }),
        { numRuns: 30 },
      );
    },
  );

  it("takes out only what is its own when the user has changed the file since", () => {
    fc.assert(
      fc.property(oddJson, (before) => {
        const file = createFile("json", before);
        file.init(claudeWishes());
        file.text = `${file.text}// later\n`;
        expect(file.undo()).toMatchObject({ isExact: false, left: [] });
        const was = jsonAt(before, []);
        expect(jsonAt(file.text ?? "", [])).toEqual(was);
        expect(file.text).toContain("// later");
      }),
      { numRuns: 30 },
    );
  });

  it("leaves values that the user has, and those that he changed", () => {
    const file = createFile("json", '{"env": {"OTEL_LOGS_EXPORTER": "console"}}');
    expect(file.init(claudeWishes()).kept).toEqual([{ path: ["env", "OTEL_LOGS_EXPORTER"], value: "console" }]);
    file.text = file.text?.replace('"OTEL_METRICS_EXPORTER": "otlp"', '"OTEL_METRICS_EXPORTER": "prometheus"');
    const plan = file.undo();
    expect(plan?.left).toEqual([{ kind: "value", path: ["env", "OTEL_METRICS_EXPORTER"], value: "otlp" }]);
    expect(file.text).toBe('{"env": {"OTEL_LOGS_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "prometheus"}}');
  });

  it("knows its hooks by what they call, whatever became of them, and leaves those beside them", () => {
    const file = createFile("json", undefined);
    file.init(claudeWishes());
    const content = jsonAt(file.text ?? "", []) as { hooks: Record<string, { hooks: unknown[] }[]> };
    content.hooks["Stop"]?.[0]?.hooks.push({ type: "command", command: "say done" });
    for (const groups of Object.values(content.hooks))
      for (const { hooks } of groups) Object.assign(hooks[0]!, { timeout: 60 });
    file.text = JSON.stringify(content);
    expect(file.init(claudeWishes()).change).toBeUndefined();
    file.undo();
    expect(JSON.parse(file.text ?? "")).toEqual({
      hooks: { Stop: [{ hooks: [{ type: "command", command: "say done" }] }] },
    });
  });

  it.each(["{}\n", undefined])(
    "takes back a file that was deleted and made anew, whether there was one (%j)",
    (before) => {
      const file = createFile("json", before);
      file.init(claudeWishes());
      file.text = undefined;
      file.init(claudeWishes());
      expect(file.undo()).toMatchObject({ isExact: true, problem: undefined });
      expect(file.text).toBeUndefined();
    },
  );

  it.each(['{"hooks":{"Stop":[null,3,{"hooks":[null]}]}}', '{"hooks":null,"env":null}', '{"hooks":[]}'])(
    "does not stumble over what agents would not write either: %s",
    (before) => {
      const file = createFile("json", before);
      file.init(claudeWishes());
      expect(file.init(claudeWishes()).change).toBeUndefined();
      file.undo();
      expect(file.text).toBe(before);
    },
  );

  it("takes back a file of its own that was renewed, deleted, and made anew", () => {
    const nothing = { target: "/f", text: undefined, mode: undefined };
    let journal: Journal = EMPTY_JOURNAL;
    for (const [before, content] of [
      [undefined, "#!/bin/sh\n"],
      ["#!/bin/sh\n", "#!/bin/sh\n# newer\n"],
      [undefined, "#!/bin/sh\n# newest\n"],
    ] as const) {
      const state = { ...nothing, text: before, mode: before === undefined ? undefined : 0o700 };
      const plan = planFile({ path: "/f", format: "whole", content, mode: 0o700 }, state, journal);
      journal = withFile(journal, plan.change!.journal);
    }
    const plan = planUndo(journal.files[0]!, { ...nothing, text: "#!/bin/sh\n# newest\n", mode: 0o700 });
    expect(plan).toMatchObject({ after: undefined, problem: undefined });
  });

  it("takes a hook of an older form out for one of a newer form", () => {
    const file = createFile("json", '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"mine"}]}]}}');
    file.init(planClaudeHooks("2.1.330", { command: "sh old.sh", request: undefined }));
    file.init(planClaudeHooks("2.1.330", { command: "sh new.sh", request: undefined }));
    expect(file.text).not.toContain("old.sh");
    expect(file.text).toContain("mine");
    file.undo();
    expect(file.text).toBe('{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"mine"}]}]}}');
  });

  it("closes a file that holds a token, and opens it again", () => {
    const file = createFile("json", "{}\n", 0o644);
    expect(file.init(claudeWishes(URL, "secret-token-secret"), true).change?.mode).toBe(0o600);
    expect(file.undo()?.mode).toBe(0o644);
    const isClosed = createFile("json", "{}\n", 0o600);
    expect(isClosed.init(claudeWishes(URL, "secret-token-secret"), true).change?.mode).toBeUndefined();
  });

  it("touches no file that it cannot read, and none in which something else stands in the way", () => {
    const broken = createFile("json", '{"env": {');
    expect(broken.init(claudeWishes())).toMatchObject({
      change: undefined,
      problem: expect.stringMatching(/^line 1: .*run init again/),
    });
    const odd = createFile("json", '{"env": 3, "hooks": {"Stop": "x"}}');
    const plan = odd.init(claudeWishes());
    expect(plan.impossible.map((wish) => (wish.kind === "hook" ? wish.event : wish.path.join(".")))).toContain("Stop");
    expect(plan.impossible).toHaveLength(6);
    const table = createFile("toml", "otel = 3\n");
    expect(table.init(codexWishes()).impossible).toHaveLength(2);
    odd.text = "{";
    expect(odd.undo()?.problem).toMatch(/^line 1: .*init --undo again/);
  });

  it("does not take back what was noted and never done", () => {
    const planned = planFile(
      { path: "/f", format: "json", wishes: claudeWishes(), hasToken: false, mode: 0o600 },
      { target: "/f", text: "{}\n", mode: 0o644 },
      EMPTY_JOURNAL,
    );
    const journal = withFile(EMPTY_JOURNAL, planned.change!.journal);
    expect(planUndo(journal.files[0]!, { target: "/f", text: "{}\n", mode: 0o644 })).toBeUndefined();
    expect(planUndo(journal.files[0]!, { target: "/f", text: undefined, mode: undefined })).toBeUndefined();
  });

  it("keeps a file of blanks as it was, in the end", () => {
    const file = createFile("json", "\n \n");
    file.init(claudeWishes());
    expect(jsonAt(file.text ?? "", ["env", "OTEL_LOGS_EXPORTER"])).toBe("otlp");
    file.undo();
    expect(file.text).toBe("\n \n");
  });
});

describe("files that are ours altogether", () => {
  const script = (content: string) => ({ path: "/s", format: "whole", content, mode: 0o700 }) as const;
  const state = (text: string | undefined) => ({ target: "/s", text, mode: text === undefined ? undefined : 0o700 });

  it("are renewed while they are ours, and left alone when they are not", () => {
    const made = planFile(script("one"), state(undefined), EMPTY_JOURNAL).change!;
    const journal = withFile(EMPTY_JOURNAL, made.journal);
    expect(planFile(script("one"), state("one"), journal)).toMatchObject({ change: undefined, problem: undefined });
    const renewed = planFile(script("two"), state("one"), journal).change!;
    expect(renewed).toMatchObject({ before: "one", after: "two", mode: undefined });
    expect(planUndo(renewed.journal, state("two"))).toMatchObject({ after: undefined, isExact: true });
    expect(planUndo(renewed.journal, state("mine"))).toMatchObject({
      after: "mine",
      problem: expect.stringContaining("changed since"),
    });
    expect(planFile(script("two"), state("mine"), journal).problem).toContain("not written by init");
    expect(planFile(script("one"), state("other"), EMPTY_JOURNAL).problem).toContain("not written by init");
    expect(hashOf("one")).toBe(made.journal.steps[0]?.after);
  });
});

describe("telemetry of the agents", () => {
  it("never makes content travel", () => {
    const all = JSON.stringify([
      claudeWishes(),
      codexWishes(),
      planGeminiTelemetry({}, {}, {}, { url: URL, token: undefined }),
    ]);
    expect(all).not.toMatch(/OTEL_LOG_|PROMPTS|log_user|TOOL_DETAILS/);
    expect(all).toContain('"logPrompts"],"value":false');
    const decided = planGeminiTelemetry({ logPrompts: true }, {}, {}, { url: URL, token: undefined });
    expect(JSON.stringify(decided)).not.toContain("logPrompts");
  });

  it.each([
    [{ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example" } }, "there"],
    [{ settings: { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://otel.example" } }, "there"],
    [{ settings: { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" } }, "there"],
    [{ settings: { CLAUDE_CODE_ENABLE_TELEMETRY: "0" } }, "there"],
    [{ managed: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example" } }, "managed"],
    [{ shell: { CLAUDE_CODE_ENABLE_TELEMETRY: "1", OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" } }, "environment"],
  ])("of Claude Code is left alone when it goes somewhere else: %j", (given, where) => {
    const plan = planClaudeTelemetry({ ...NOTHING, ...given }, { url: URL, token: undefined });
    expect(plan.wishes).toEqual([]);
    expect(plan.refusal).toContain(where);
  });

  it("of Claude Code is not disturbed by what other programs are told, nor by its own values", () => {
    const shell = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" };
    expect(planClaudeTelemetry({ ...NOTHING, shell }, { url: URL, token: undefined }).wishes).toHaveLength(5);
    const own = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9999" };
    expect(planClaudeTelemetry({ ...NOTHING, settings: own, ours: own }, { url: URL, token: "t" }).wishes).toHaveLength(
      6,
    );
  });

  it("of Codex and Gemini CLI is left alone when it goes somewhere else", () => {
    const to = { url: URL, token: undefined };
    expect(planCodexTelemetry({ exporter: "none" }, {}, to).refusal).toContain("otel.exporter");
    expect(planCodexTelemetry({}, {}, { url: URL, token: "t" }).wishes[0]).toMatchObject({
      value: { "otlp-http": { headers: { Authorization: "Bearer t" } } },
    });
    const gemini = (given: object, shell = {}) =>
      planGeminiTelemetry(given as Record<string, unknown>, {}, shell, to).refusal;
    expect(gemini({ enabled: false })).toContain("telemetry.enabled");
    expect(gemini({ target: "gcp" })).toContain("telemetry.target");
    expect(gemini({ outfile: "x.log" })).toContain("telemetry.outfile");
    expect(gemini({}, { GEMINI_TELEMETRY_OTLP_PROTOCOL: "grpc" })).toContain("GEMINI_TELEMETRY_OTLP_PROTOCOL");
    expect(gemini({ target: "local", enabled: true }, { GEMINI_TELEMETRY_ENABLED: "true" })).toBeUndefined();
    expect(planGeminiTelemetry({}, {}, {}, { url: URL, token: "t" }).refusal).toContain("token");
  });
});

describe("hooks of Claude Code", () => {
  const events = (version: string | undefined) =>
    planClaudeHooks(version, { command: "x", request: undefined }).map((wish) =>
      wish.kind === "hook" ? wish.event : "",
    );

  it("are only those that the version knows", () => {
    expect(events(undefined)).toEqual([]);
    expect(events("1.0.40")).toEqual([]);
    expect(events("1.0.41")).toEqual(["SubagentStop", "Stop", "PreToolUse", "PostToolUse"]);
    expect(events("2.1.77")).not.toContain("StopFailure");
    expect(events("2.1.118")).not.toContain("PostToolUseFailure");
    expect(events("2.1.330")).toHaveLength(11);
  });

  it("are requests where somebody receives them, and the version knows how", () => {
    const request = { url: URL, token: "t" };
    expect(planClaudeHooks("2.1.62", { command: "x", request })[0]).toMatchObject({ hook: { type: "command" } });
    expect(planClaudeHooks("2.1.63", { command: "x", request })[0]).toEqual({
      kind: "hook",
      event: "SessionStart",
      hook: { type: "http", url: `${URL}/v1/hooks/claude-code`, headers: { Authorization: "Bearer t" }, timeout: 1 },
    });
  });

  it("are not waited for where the version knows how, but at the end of a turn", () => {
    expect(planClaudeHooks("2.1.22", { command: "x", request: undefined })[0]).not.toHaveProperty("hook.async");
    expect(planClaudeHooks("2.1.23", { command: "x", request: undefined })[0]).toHaveProperty("hook.async", true);
    const waitedFor = planClaudeHooks("2.1.330", { command: "x", request: undefined }).flatMap((wish) =>
      wish.kind === "hook" && !("async" in wish.hook) ? [wish.event] : [],
    );
    expect(waitedFor).toEqual(["Stop", "StopFailure"]);
  });
});
