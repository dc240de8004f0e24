import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startBackground } from "../../src/background/background.ts";
import type { BackgroundEvent } from "../../src/background/messages.ts";
import { temporaryFolder } from "../support/receiver.ts";

describe("the thread that takes in files", () => {
  it("says so when it has died, and can still be stopped", async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
    writeFileSync(join(home, ".config", "moai-metrics", "config.json"), "no JSON");
    const place = { storage: join(home, "storage"), environment: { HOME: home }, homeFolder: home, timeZone: "UTC" };
    const told = new Promise<BackgroundEvent>((resolve) => {
      const background = startBackground({
        ...place,
        onEvent: (event) => void background.stop().then(() => resolve(event)),
      });
    });
    expect(await told).toEqual({
      kind: "warning",
      message: expect.stringContaining("Transcripts and the spool are no longer watched:"),
    });
  });

  it("stops at once when it is told to", async () => {
    const home = temporaryFolder();
    const place = { storage: join(home, "storage"), environment: { HOME: home }, homeFolder: home, timeZone: "UTC" };
    const background = startBackground(place);
    await background.stop();
    await background.stop();
  });
});
