/** What can be said of transcripts without reading them. Apart from the readers, because every command asks for it. */
export { claudeCodeFinder } from "./claude-code/finder.ts";
export { findUnreadData, type UnreadData } from "./not-read-yet.ts";
