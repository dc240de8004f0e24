import { describe, expect, it } from "vitest";
import { generateTranscripts } from "../../../../bench/transcripts.ts";
import { readTree, temporaryFolder } from "../support/reading.ts";

describe("generated transcripts", () => {
  const folder = temporaryFolder();
  const tree = generateTranscripts(folder, { totalBytes: 3_000_000, sessionBytes: 400_000, seed: 42 });
  const { merged, skipped } = readTree(folder);
  const calls = Object.values(merged.modelCalls);

  it("are read back as what was made", () => {
    expect(calls).toHaveLength(tree.modelCalls);
    expect(Object.keys(merged.toolCalls)).toHaveLength(tree.toolCalls);
    expect(Object.keys(merged.sessions)).toHaveLength(tree.sessions);
    const kinds = Object.values(merged.tasks).map((task) => task.taskKind);
    expect(kinds.filter((kind) => kind === "prompt")).toHaveLength(tree.prompts);
    expect(kinds.filter((kind) => kind === "subagent")).toHaveLength(tree.subagents);
    expect(calls.reduce((sum, call) => sum + (call.usage?.input ?? 0), 0)).toBe(tree.inputTokens);
    expect(calls.reduce((sum, call) => sum + (call.usage?.output ?? 0), 0)).toBe(tree.outputTokens);
    expect(skipped).toEqual({});
  });

  it("have every call in a task, every task an agent, every session a project", () => {
    expect(calls.every((call) => call.taskId !== undefined && call.taskId in merged.tasks)).toBe(true);
    expect(Object.values(merged.tasks).every((task) => task.agent !== undefined)).toBe(true);
    expect(Object.values(merged.sessions).every((session) => session.project?.startsWith("/home/devusr/"))).toBe(true);
  });

  it("are the same for the same seed, and end at the number of files asked for", () => {
    const options = { files: 12, sessionBytes: 20_000, seed: 5 };
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    expect(generateTranscripts(a, options)).toEqual(generateTranscripts(b, options));
    expect(readTree(a).merged).toEqual(readTree(b).merged);
    expect(readTree(a).chunks).toBe(12);
  });
});
