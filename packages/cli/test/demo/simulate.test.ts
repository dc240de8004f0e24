import { createZoneCalendar } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/demo/random.ts";
import { simulate } from "../../src/demo/simulate.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const OPTIONS = { seed: 1, nowMillis: NOW, calendar: createZoneCalendar("UTC") };

describe("the simulation", () => {
  it("is the same for the same seed and another for another", () => {
    expect(simulate(OPTIONS)).toEqual(simulate(OPTIONS));
    expect(simulate({ ...OPTIONS, seed: 2 })).not.toEqual(simulate(OPTIONS));
  });

  it("fills two weeks and nothing after now", () => {
    const calls = simulate(OPTIONS).flatMap((fact) => (fact.kind === "model_call" ? [fact.endedAtMillis] : []));
    expect(calls.length).toBeGreaterThan(500);
    expect(Math.max(...calls)).toBeLessThanOrEqual(NOW);
    expect(Math.min(...calls)).toBeGreaterThan(NOW - 14 * 86_400_000);
  });

  it("gives every task of a subagent a parent and every key once", () => {
    const facts = simulate(OPTIONS);
    const tasks = facts.flatMap((fact) => (fact.kind === "task" ? [fact] : []));
    const ids = new Set(tasks.map((task) => task.taskId));
    expect(ids.size).toBe(tasks.length);
    expect(tasks.filter((task) => task.taskKind === "subagent").every((task) => ids.has(task.parentTaskId ?? ""))).toBe(
      true,
    );
    expect(new Set(tasks.map((task) => task.agent))).toEqual(
      new Set(["main", "expert-backend", "manager-tdd", "expert-frontend", "expert-debug"]),
    );
  });

  it("works right after midnight", () => {
    expect(simulate({ ...OPTIONS, nowMillis: Date.UTC(2026, 10, 22, 0, 1) }).length).toBeGreaterThan(0);
  });
});

describe("random numbers", () => {
  it("stay in their bounds and need something to pick from", () => {
    const random = createRandom(7);
    const numbers = Array.from({ length: 1000 }, () => random.between(2, 4));
    expect(new Set(numbers)).toEqual(new Set([2, 3, 4]));
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
