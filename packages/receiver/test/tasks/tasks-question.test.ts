import { describe, expect, it } from "vitest";
import { askTasks } from "../../src/tasks/tasks-question.ts";

const questionOf = (query: string) => {
  const asked = askTasks(query);
  return asked.state === "asked" ? asked.question : undefined;
};

describe("the address of a question for tasks", () => {
  it("asks for the newest hundred without parameters", () => {
    expect(questionOf("")).toEqual({ limit: 100 });
  });

  it("chooses by names that are given as often as wanted, whatever characters they have", () => {
    expect(
      questionOf("agent=main&agent=a%2Cb%26c&project=%2Fhome%2Fü&result=open&kind=prompt&session=s&model=m"),
    ).toEqual({
      agents: ["main", "a,b&c"],
      projects: ["/home/ü"],
      results: ["open"],
      kinds: ["prompt"],
      sessionIds: ["s"],
      models: ["m"],
      limit: 100,
    });
  });

  it("takes a range, open at either end", () => {
    expect(questionOf("from=1000&to=2000&limit=5")).toEqual({
      range: { startMillis: 1000, endMillis: 2000 },
      limit: 5,
    });
    expect(questionOf("from=1000")?.range).toEqual({ startMillis: 1000, endMillis: 8_640_000_000_000_000 });
    expect(questionOf("to=1000")?.range).toEqual({ startMillis: 0, endMillis: 1000 });
  });

  it("understands the variables of Grafana, and its word for all of them", () => {
    expect(questionOf("var-agent=main&var-agent=x&var-product=%24__all&var-project=All")).toEqual({
      agents: ["main", "x"],
      limit: 100,
    });
    // An agent may be called so.
    expect(questionOf("agent=All")?.agents).toEqual(["All"]);
  });

  it.each([
    ["color=red", "product, project"],
    ["limit=0", "limit is a whole number from 1 to 1000."],
    ["limit=1001", "limit is"],
    ["limit=1&limit=2", "limit is"],
    ["limit=1.5", "limit is"],
    ["from=2&to=1", "from and to are milliseconds"],
    ["from=yesterday", "from and to are milliseconds"],
    ["to=9999999999999999", "from and to are milliseconds"],
    ["result=good", "result is one of success, failure, timeout, cancelled, unknown, open."],
    ["kind=", "kind is one of"],
  ])("refuses %s and says what can be asked", (query, message) => {
    expect(askTasks(query)).toEqual({ state: "wrong", message: expect.stringContaining(message) });
  });
});
