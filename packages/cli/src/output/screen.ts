/** What a screen looks like: width, colours, zone. */
import { createZoneCalendar, systemOffsetAt, type ZoneCalendar } from "@moai-metrics/model";
import { createPalette, type Palette } from "@moai-metrics/report";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags/declare.ts";

/** How to show something on this terminal. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly palette: Palette;
  readonly timeZone: string;
  readonly calendar: ZoneCalendar;
}

/** Resolves the screen from the terminal and the flags. */
export function resolveScreen(context: Pick<CliContext, "environment">, flags: CommonFlags): Screen {
  const { environment } = context;
  const timeZone = flags.timezone ?? environment.timeZone;
  return {
    columns: environment.columns,
    rows: environment.rows,
    palette: createPalette(environment.isColoured && flags.color),
    timeZone,
    calendar: createZoneCalendar(timeZone, timeZone === environment.timeZone ? systemOffsetAt : undefined),
  };
}
