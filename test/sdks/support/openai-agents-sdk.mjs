// The declarations of the Agents SDK do not pass our compiler settings, and the compiler looks into no JavaScript.
export * from "@openai/agents";
