/** Colours as names of meaning; with colour off every function returns its text. */

/** Wraps text in the escape sequences of one style. */
type Style = (text: string) => string;

/** The styles that screens use. */
export interface Palette {
  readonly title: Style;
  readonly header: Style;
  readonly faint: Style;
  readonly strong: Style;
  readonly good: Style;
  readonly bad: Style;
  readonly warning: Style;
  readonly accent: Style;
}

/** Creates the palette; the sixteen basic colours only, so that the user's theme holds. */
export function createPalette(isColoured: boolean): Palette {
  const style =
    (open: number, close: number): Style =>
    (text) =>
      isColoured && text !== "" ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return Object.freeze({
    title: style(1, 22),
    header: style(2, 22),
    faint: style(2, 22),
    strong: style(1, 22),
    good: style(32, 39),
    bad: style(31, 39),
    warning: style(33, 39),
    accent: style(36, 39),
  });
}
