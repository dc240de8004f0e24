/** A page without a format: what it says, so that each renderer can show it in its own way. */
import type { CellValue, Column } from "../render/table-model.ts";

/** How a value is to be read. */
type ValueKind = Column<never>["kind"];

/** A figure that people look at first. */
export interface PageFigure {
  /** The field that it shows, named as in the row commands. */
  readonly key: string;
  readonly title: string;
  readonly kind: ValueKind;
  readonly value: number | null;
  /** What people read in place of `value`, as in {@link Column}. */
  readonly text?: string | undefined;
  /** Against the period before; a share, or with `isPoints` a difference of shares. */
  readonly change?:
    | { readonly value: number; readonly isPoints: boolean; readonly isGood: boolean | undefined }
    | undefined;
}

/** A value with its name. */
export interface ChartPoint {
  readonly label: string;
  /** `null` is drawn as a gap. */
  readonly value: number | null;
}

/** `bars`: names compared with each other; `columns`: a run of time. */
export interface PageChart {
  readonly form: "bars" | "columns";
  readonly title: string;
  readonly kind: ValueKind;
  readonly points: readonly ChartPoint[];
}

/** A table with its cells looked up. */
export interface PageTable {
  readonly columns: readonly {
    readonly key: string;
    readonly title: string | undefined;
    readonly kind: ValueKind;
    /** Without it nothing can be understood: a narrow screen leaves others out. The first column always stays. */
    readonly isKept?: boolean | undefined;
    /** As in {@link Column}; columns with a rank are left out before those without. */
    readonly dropRank?: number | undefined;
    /** As in {@link Column}. */
    readonly minWidth?: number | undefined;
  }[];
  readonly rows: readonly (readonly CellValue[])[];
}

/** A part of a page, named by the question that it answers. */
export interface PageSection {
  /** The field without which the section makes no sense. */
  readonly about?: string | undefined;
  readonly question: string;
  readonly chart?: PageChart | undefined;
  readonly table?: PageTable | undefined;
}

/** A page. */
export interface Page {
  /** What must be known before anything else, such as that the numbers are invented. */
  readonly label?: string | undefined;
  readonly title: string;
  /** The time and place it is about, in one line. */
  readonly subtitle: string;
  readonly timeZone: string;
  readonly figures: readonly PageFigure[];
  readonly sections: readonly PageSection[];
  /** What the reader should know, one sentence each. */
  readonly notes: readonly string[];
}
