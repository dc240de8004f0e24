import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectConfigs } from "../src/index.ts";
import { temporaryFolder } from "./support/receiver.ts";

function writeConfig(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), text);
}

describe("the settings of projects", () => {
  it("are each project's own, and the user's where nothing is known", () => {
    const home = temporaryFolder();
    writeConfig(join(home, ".config", "moai-metrics"), '{"metrics":{"tasks":{"track_files":false}}}');
    const project = join(home, "shop");
    writeConfig(join(project, ".moai", "metrics"), '{"metrics":{"tasks":{"enabled":false}}}');
    const warnings: string[] = [];
    const configOf = projectConfigs({ HOME: home }, (line) => warnings.push(line));
    expect(configOf(undefined).tasks).toMatchObject({ isTracked: true, tracksFiles: false });
    expect(configOf(project).tasks).toMatchObject({ isTracked: false, tracksFiles: false });
    expect(configOf(project)).toBe(configOf(project));
    expect(warnings).toEqual([]);
  });

  it("that cannot be read are told once, and the user's own hold", () => {
    const home = temporaryFolder();
    const project = join(home, "shop");
    writeConfig(join(project, ".moai", "metrics"), "no JSON");
    const warnings: string[] = [];
    const configOf = projectConfigs({ HOME: home }, (line) => warnings.push(line));
    expect(configOf(project)).toBe(configOf(undefined));
    expect(configOf(project).isEnabled).toBe(true);
    expect(warnings).toEqual([expect.stringContaining("Its project is collected with the user's own settings.")]);
  });
});
