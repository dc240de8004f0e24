/** A terminal that is not there: what is written to it is replayed, so that tests see what a person would. */
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import xterm from "@xterm/headless";

/** The terminal, and the streams that a programme gets. */
export interface FakeTerminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** What a person sees, without blanks at the ends of lines. */
  screen(): Promise<string[]>;
  /** Whether the screen is the one of full-screen programmes. */
  isAlternate(): Promise<boolean>;
  isCursorVisible(): Promise<boolean>;
  type(text: string): void;
  resize(columns: number, rows: number): Promise<void>;
  /** Bytes that were written so far. */
  readonly written: string;
}

/** Creates one. */
export function createFakeTerminal(columns: number, rows: number): FakeTerminal {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  let written = "";
  const settled = (): Promise<void> => new Promise((resolve) => terminal.write("", resolve));
  const stdout = Object.assign(new EventEmitter(), {
    ...{ columns, rows, isTTY: true, writable: true, writableLength: 0 },
    write: (text: string | Uint8Array, ...others: unknown[]) => {
      const chunk = typeof text === "string" ? text : Buffer.from(text).toString("utf8");
      written += chunk;
      terminal.write(chunk);
      const done = others.find((other) => typeof other === "function") as (() => void) | undefined;
      if (done !== undefined) queueMicrotask(done);
      return true;
    },
  });
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  return {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    screen: async () => {
      await settled();
      const { active } = terminal.buffer;
      return Array.from(
        { length: terminal.rows },
        (_, row) => active.getLine(active.viewportY + row)?.translateToString(true, 0, terminal.cols) ?? "",
      );
    },
    isAlternate: async () => {
      await settled();
      return terminal.buffer.active.type === "alternate";
    },
    isCursorVisible: async () => {
      await settled();
      return written.lastIndexOf("\u001b[?25h") >= written.lastIndexOf("\u001b[?25l");
    },
    type: (text) => void stdin.write(text),
    resize: async (width, height) => {
      await settled();
      terminal.resize(width, height);
      Object.assign(stdout, { columns: width, rows: height });
      stdout.emit("resize");
    },
    get written() {
      return written;
    },
  };
}
