import { describe, expect, it } from "vitest";
import { matchNames, matchProjects } from "../../src/flags/filter.ts";

const PROJECTS = ["/home/dev/shop", "/home/dev/shop/api", "/home/dev/billing", "/srv/shop", "unnamed"];

describe("a project", () => {
  it.each([
    ["shop", "/anywhere", ["/home/dev/shop", "/srv/shop"]],
    ["unnamed", "/anywhere", ["unnamed"]],
    ["/home/dev/shop", "/anywhere", ["/home/dev/shop", "/home/dev/shop/api"]],
    [".", "/home/dev/billing", ["/home/dev/billing"]],
    [".", "/home/dev/billing/src/deep", ["/home/dev/billing"]],
    [".", "/home/dev/shop/api/src", ["/home/dev/shop/api"]],
    ["..", "/home/dev/shop/api", ["/home/dev/shop", "/home/dev/shop/api"]],
    ["./api", "/home/dev/shop", ["/home/dev/shop/api"]],
    ["/home/dev/sho", "/anywhere", []],
    [".", "/elsewhere", []],
  ])("named %s in %s", (wanted, folder, expected) => {
    expect(matchProjects(wanted, PROJECTS, folder)).toEqual(expected);
  });
});

describe("a name", () => {
  it("is itself before it is a part of others", () => {
    expect(matchNames("main", ["main", "maintainer"])).toEqual(["main"]);
    expect(matchNames("EXPERT", ["expert-backend", "expert-debug", "main"])).toEqual([
      "expert-backend",
      "expert-debug",
    ]);
    expect(matchNames("nobody", ["main"])).toEqual([]);
  });
});
