// Apart, because the declarations of these packages need looser checks than ours.
export { ChatAnthropic } from "@langchain/anthropic";
export { BaseChatModel } from "@langchain/core/language_models/chat_models";
export { AIMessage, AIMessageChunk } from "@langchain/core/messages";
export { ChatGenerationChunk } from "@langchain/core/outputs";
export { tool } from "@langchain/core/tools";
export { ChatGoogleGenerativeAI } from "@langchain/google-genai";
export { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } from "@langchain/langgraph";
export { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
export { createAgent } from "langchain";
