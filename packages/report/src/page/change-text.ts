/** A change as people read it. */
import { formatChange, formatPointChange } from "../render/numbers.ts";
import type { PageFigure } from "./types.ts";

/** `▲ 12%`, `▼ 3 pp`. */
export function changeText({ value, isPoints }: NonNullable<PageFigure["change"]>): string {
  return isPoints ? formatPointChange(value) : formatChange(value);
}
