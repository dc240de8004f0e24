/** The screen before anything is loaded that draws on it all day. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type HeldScreen, holdScreen } from "../../src/dashboard/live/held-screen.ts";
import { createFakeTerminal, type FakeTerminal } from "../support/terminal.ts";

const ENTER = "\u001b[?1049h";

function hold(): { readonly terminal: FakeTerminal; readonly screen: HeldScreen } {
  const terminal = createFakeTerminal(60, 20);
  terminal.stdout.write("before\r\n");
  const screen = holdScreen(terminal);
  onTestFinished(screen.leave);
  return { terminal, screen };
}

const linesOf = async (terminal: FakeTerminal): Promise<string[]> =>
  (await terminal.screen()).join("\n").trimEnd().split("\n");

describe("a held screen", () => {
  it("shows one frame in the place of the other, and leaves the terminal as it was", async () => {
    const { terminal, screen } = hold();
    const setRawMode = vi.spyOn(terminal.stdin, "setRawMode");
    screen.draw(["a long first line", "and a second one"]);
    expect(await linesOf(terminal)).toEqual(["a long first line", "and a second one"]);
    screen.draw(["short"]);
    expect(await linesOf(terminal)).toEqual(["short"]);
    expect([await terminal.isAlternate(), await terminal.isCursorVisible()]).toEqual([true, false]);
    screen.leave();
    screen.leave();
    expect(await linesOf(terminal)).toEqual(["before"]);
    expect([await terminal.isAlternate(), await terminal.isCursorVisible()]).toEqual([false, true]);
    expect(setRawMode.mock.calls).toEqual([[false]]);
  });

  it("keeps its frame until the first one of whoever draws next, of which then nothing is left", async () => {
    const { terminal, screen } = hold();
    const { stdout } = screen.streams;
    screen.draw(["a long first line", "and a second one"]);
    stdout.write(ENTER);
    stdout.write("\u001b[?25l");
    expect(await linesOf(terminal)).toEqual(["a long first line", "and a second one"]);
    stdout.write("new\nlines");
    expect(await linesOf(terminal)).toEqual(["new", "lines"]);
    stdout.write("\nand more");
    expect(await linesOf(terminal)).toEqual(["new", "lines", "and more"]);
    expect(terminal.written.split(ENTER)).toHaveLength(2);
  });

  it("hands on a stream that tells sizes as before", async () => {
    const { terminal, screen } = hold();
    const { stdout } = screen.streams;
    const onResize = vi.fn();
    stdout.on("resize", onResize);
    await terminal.resize(70, 25);
    expect([stdout.isTTY, stdout.columns, stdout.rows]).toEqual([true, 70, 25]);
    expect(onResize).toHaveBeenCalledOnce();
    stdout.off("resize", onResize);
    await terminal.resize(60, 20);
    expect(onResize).toHaveBeenCalledOnce();
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR2"] as const)(
    "is left before %s ends the process",
    async (signal) => {
      const before = process.listeners(signal);
      const { terminal } = hold();
      const [listener, ...others] = process.listeners(signal).filter((each) => !before.includes(each));
      const kill = vi.spyOn(process, "kill").mockReturnValue(true);
      onTestFinished(() => kill.mockRestore());
      listener?.(signal);
      expect(kill.mock.calls).toEqual([[process.pid, signal]]);
      expect(await linesOf(terminal)).toEqual(["before"]);
      // The signal that follows finds nobody who listens.
      expect(others).toEqual([]);
      expect(process.listeners(signal)).toEqual(before);
    },
  );

  it("is left when the process ends otherwise, and by nobody once someone else restores the terminal", async () => {
    const before = process.listeners("exit");
    const { screen, terminal } = hold();
    expect(process.listeners("exit")).toHaveLength(before.length + 1);
    screen.release();
    expect(process.listeners("exit")).toEqual(before);
    screen.leave();
    expect(await terminal.isAlternate()).toBe(true);
  });
});
