/** What programs show that have to answer within milliseconds: none of this loads anything else. */
export { formatCost, formatCount, formatPercent } from "./render/numbers.ts";
export { createPalette, type Palette } from "./render/palette.ts";
export { toPlainText } from "./render/plain-text.ts";
