/** Draws a session on a terminal until it is over. Loads Ink. */
import type { Palette } from "@moai-metrics/report";
import { render } from "ink";
import { createApp } from "./app.ts";
import type { Session } from "./session.ts";

/** The streams of a terminal. */
export interface TerminalStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
}

/** Faster than anyone reads. */
const MAX_FRAMES_A_SECOND = 20;

/**
 * Resolves when the session is over and the terminal is as it was before; rejects with what drawing threw.
 *
 * @param onStarted called when the terminal will be restored whatever happens.
 */
export async function showApp(
  session: Session,
  palette: Palette,
  { stdout, stdin }: TerminalStreams,
  onStarted?: () => void,
): Promise<void> {
  const app = render(createApp({ session, palette, stdout }), {
    ...{ stdout, stdin, exitOnCtrlC: false, alternateScreen: true, incrementalRendering: true },
    maxFps: MAX_FRAMES_A_SECOND,
    // Whether there is a terminal was decided already.
    interactive: true,
    isScreenReaderEnabled: false,
    // Nothing here writes to the console.
    patchConsole: false,
  });
  onStarted?.();
  try {
    await app.waitUntilExit();
  } finally {
    app.cleanup();
  }
}
