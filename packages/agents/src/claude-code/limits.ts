/** How much of a hostile file is taken over. Real values are far below. */

/** Longest id, name or version; a longer one counts as absent. */
export const MAX_ID_BYTES = 200;
/** Longest path; a longer one counts as absent. */
export const MAX_PATH_BYTES = 4096;
/** Blocks of one message that are looked at; further ones are counted. */
export const MAX_BLOCKS_PER_LINE = 1000;
/** Tool calls that may be open at once; beyond it the oldest is forgotten. */
export const MAX_OPEN_TOOLS = 256;
/** Tool calls that are remembered as ended, so that a second result of theirs is known as one. */
export const MAX_ENDED_TOOLS = 256;
/** Sessions of which one file may speak; beyond it the project of further ones stays unknown. */
export const MAX_SESSIONS_PER_FILE = 64;
