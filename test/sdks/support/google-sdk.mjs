// Apart, because the declarations of this package need looser checks than ours.
export { GoogleGenAI } from "@google/genai";
