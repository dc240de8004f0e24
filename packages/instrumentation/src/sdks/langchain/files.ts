/** The files of LangChain and LangGraph that every model, tool and graph goes through. */
import type { SdkFiles } from "../contract.ts";

export const langChainFiles: readonly SdkFiles[] = [
  {
    packageName: "@langchain/core",
    files: [
      { path: "dist/language_models/chat_models", names: ["BaseChatModel"] },
      { path: "dist/tools/index", names: ["StructuredTool"] },
    ],
  },
  { packageName: "@langchain/langgraph", files: [{ path: "dist/pregel/index", names: ["Pregel"] }] },
];
