/**
 * The first frame, read by this thread and written as it is: starting the thread that reads, and loading what draws all
 * day, take longer than all of this, and follow behind it.
 */
import type { Palette } from "@moai-metrics/report";
import { renderScreen } from "../screen/render-screen.ts";
import type { HeldScreen } from "./held-screen.ts";
import type { ReaderPlace } from "./messages.ts";
import { createReaderLoop } from "./reader-loop.ts";
import type { Session } from "./session.ts";

/** What the frame is made from. */
interface FirstFrameOptions {
  readonly session: Session;
  readonly place: ReaderPlace;
  readonly palette: Palette;
  readonly now: () => number;
}

/** Draws that it reads, reads, and draws what it read. */
export function drawFirstFrame(
  screen: Pick<HeldScreen, "draw">,
  { session, place, palette, now }: FirstFrameOptions,
): void {
  const draw = (): void => screen.draw(renderScreen(session.state(), palette));
  draw();
  const loop = createReaderLoop(place, { now, say: session.take });
  try {
    loop.look();
  } finally {
    loop.close();
  }
  draw();
}
