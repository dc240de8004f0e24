/** Tools that are wrapped. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instrumentTool, withTask, withTool } from "../src/index.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const ended = () => watch.factsOf("tool_call").filter(({ endedAtMillis }) => endedAtMillis !== undefined);

describe("an instrumented tool", () => {
  it("is the same function, whose calls are recorded in the task around them", async () => {
    const add = instrumentTool("add", async (a: number, b: number) => a + b);
    expect(add).toHaveLength(2);
    const sum = await withTask("agent", () => add(1, 2));
    const [task] = watch.factsOf("task");
    expect(sum).toBe(3);
    expect(ended()).toMatchObject([{ tool: "add", isSuccess: true, taskId: task?.taskId }]);
  });

  it("may be an object with private parts", async () => {
    class Tool {
      readonly #secret = 7;
      readonly description = "tells";
      invoke(): number {
        return this.#secret;
      }
    }
    const tool = instrumentTool("tell", new Tool());
    const { invoke } = tool;
    expect([tool.invoke(), tool.invoke, tool.description]).toEqual([7, invoke, "tells"]);
    expect(ended()).toMatchObject([{ tool: "tell" }]);
  });

  it("throws what the tool throws", () => {
    const broken = instrumentTool("broken", () => JSON.parse("{"));
    expect(broken).toThrow(SyntaxError);
    expect(ended()).toMatchObject([{ isSuccess: false, errorType: "SyntaxError" }]);
  });

  it("is one call where it is recorded around it already", () => {
    const look = instrumentTool("look", () => 1);
    withTool("look", look);
    expect(ended()).toHaveLength(1);
  });

  it("refuses what is no tool", () => {
    expect(() => instrumentTool(" ", () => 1)).toThrow("short, fixed name");
    expect(() => instrumentTool("x", { other: 1 })).toThrow("neither a function nor an object");
  });
});
