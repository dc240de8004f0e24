import { MEASURES } from "./measures.ts";
export const a: number = MEASURES.calls;
export const b: number = MEASURES.tokens;
