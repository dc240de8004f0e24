/** The shell: Ink owns the terminal, the session owns the state, the screen is a function of it. */
import type { Palette } from "@moai-metrics/report";
import { Box, type Key, Transform, useApp, useInput, useWindowSize } from "ink";
import { createElement, type ReactElement, useEffect, useSyncExternalStore } from "react";
import type { KeyName, KeyPress } from "../keys.ts";
import { renderScreen } from "../screen/render-screen.ts";
import type { Session } from "./session.ts";

interface AppProps {
  readonly session: Session;
  readonly palette: Palette;
  readonly stdout: Pick<NodeJS.WriteStream, "columns">;
}

/** The element to draw. */
export function createApp(props: AppProps): ReactElement {
  return createElement(App, props);
}

function App({ session, palette, stdout }: AppProps): ReactElement {
  const state = useSyncExternalStore(session.subscribe, session.state);
  const { exit } = useApp();
  const { columns, rows } = useWindowSize();
  useEffect(() => session.resize(columns, rows), [session, columns, rows]);
  useEffect(() => {
    if (state.isOver) exit();
  }, [state.isOver, exit]);
  useInput((input, key) => {
    for (const press of toKeyPresses(input, key)) session.press(press);
  });
  const lines = renderScreen({ ...state, columns, rows }, palette);
  // Ink draws once more what it has when the screen became narrower. The terminal would break lines in two, and nobody
  // would erase the second halves.
  const shown = (text: string): string => (stdout.columns > 0 && stdout.columns < columns ? "" : text);
  return createElement(
    Box,
    { flexDirection: "column" },
    // Ink keeps thousands of texts that it has measured, megabytes of lines that nobody will see again. A line is known to
    // fit, so it is put in the place of a blank that was measured.
    lines.map((text, row) => createElement(Transform, { key: row, transform: () => shown(text) }, " ")),
  );
}

const NAMES: readonly (readonly [flag: keyof Key, name: KeyName])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageUp"],
  ["pageDown", "pageDown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["backspace", "backspace"],
  ["delete", "backspace"],
];

/** Keys that terminals send as a character, which come together with others when they are pressed quickly. */
const CONTROLS: Readonly<Record<string, KeyName>> = {
  "\t": "tab",
  "\r": "enter",
  "\n": "enter",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0003": "interrupt",
};

/** Our names of what was pressed; none for keys that mean nothing. */
function toKeyPresses(input: string, key: Key): KeyPress[] {
  if (key.ctrl) return input === "c" ? [{ name: "interrupt" }] : [];
  if (key.tab) return [{ name: key.shift ? "backTab" : "tab" }];
  const named = NAMES.find(([flag]) => key[flag] === true);
  if (named !== undefined) return [{ name: named[1] }];
  if (key.meta) return [];
  return [...input].map((text) => {
    const name = CONTROLS[text];
    return name === undefined ? { text } : { name };
  });
}
