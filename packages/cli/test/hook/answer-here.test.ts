import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readEnvironment } from "../../src/environment.ts";
import { answerBudgetHook } from "../../src/hook/run-budget-hook.ts";
import { homeWithTranscripts, NOW } from "../support/run-binary.ts";

function answer(home: string, payload: object, argv: string[] = []): Promise<string> {
  const stream = { isTTY: false };
  const environment = readEnvironment({
    env: { HOME: home, TZ: "UTC" },
    cwd: () => home,
    stdout: stream,
    stderr: stream,
  });
  return answerBudgetHook(JSON.stringify(payload), { argv, environment, nowMillis: NOW });
}

it("judges the budgets of the user where no project is told, in another store and by another file when told", async () => {
  const home = homeWithTranscripts();
  mkdirSync(join(home, "other"));
  const config = { metrics: { budgets: [{ name: "day", per: "day", max_tokens: 10 }] } };
  writeFileSync(join(home, "budgets.json"), JSON.stringify(config));
  const payload = { session_id: "s", transcript_path: join(home, ".claude/projects/-home-devusr-work2/x.jsonl") };
  const flags = ["--storage", join(home, "other"), "--config", join(home, "budgets.json")];
  expect(JSON.parse(await answer(home, payload, flags)).systemMessage).toContain('Budget "day" is exceeded');
  expect(await answer(home, payload, flags)).toBe("");
  expect(await answer(home, payload)).toBe("");
  expect(await answer(home, {}, flags)).toBe("");
  expect(await answer(home, payload, ["--config", join(home, "nowhere.json")])).toBe("");
});
