/** The screen of full-screen programmes, entered before anything is loaded that draws on it all day. */
import type { TerminalStreams } from "./show-app.ts";

/** A screen that is ours until someone else restores the terminal. */
export interface HeldScreen {
  /** Writes a frame in the place of what stands there. */
  draw(lines: readonly string[]): void;
  /** For whoever draws next: entering the screen again leaves the frame where it is until the next one is there. */
  readonly streams: TerminalStreams;
  /** Someone else restores the terminal from now on. */
  release(): void;
  /** Restores the terminal, unless someone else does. */
  leave(): void;
}

const ENTER = "\u001b[?1049h";
const LEAVE = "\u001b[?1049l";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const ERASE = "\u001b[H\u001b[J";
/** What ends a process that does not listen, and may come from outside. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR2", "SIGXCPU"] as const;

/** Enters the screen. Keys that are pressed from now on wait for whoever reads them; the process may end at any time. */
export function holdScreen({ stdout, stdin }: TerminalStreams): HeldScreen {
  let isHeld = true;
  const release = (): void => {
    isHeld = false;
    process.off("exit", leave);
    for (const signal of SIGNALS) process.off(signal, endBy);
  };
  const leave = (): void => {
    if (!isHeld) return;
    release();
    stdin.setRawMode(false);
    stdout.write(SHOW_CURSOR + LEAVE);
  };
  const endBy = (signal: NodeJS.Signals): void => {
    leave();
    process.kill(process.pid, signal);
  };
  process.on("exit", leave);
  for (const signal of SIGNALS) process.on(signal, endBy);
  stdin.setRawMode(true);
  stdout.write(ENTER + HIDE_CURSOR);
  return {
    draw: (lines) => void stdout.write(ERASE + lines.join("\r\n")),
    streams: { stdin, stdout: entered(stdout) },
    release,
    leave,
  };
}

/** The same stream, but that the screen is not entered again: the first frame that follows takes the place of ours. */
function entered(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  let isOurs = true;
  const write = (data: string | Uint8Array, ...others: never[]): boolean => {
    if (data === ENTER) return true;
    // Frames have lines, what comes before them has none.
    const isFrame = isOurs && typeof data === "string" && data.includes("\n");
    if (isFrame) isOurs = false;
    return stdout.write(isFrame ? ERASE + data : data, ...others);
  };
  return new Proxy(stdout, {
    get: (target, name) => {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
