/** Settings of Claude Code that an administrator manages: nothing that a user says outranks them. */

/** Where they lie, by platforms. */
export const MANAGED_SETTINGS_FILES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "/etc/claude-code/managed-settings.json",
  darwin: "/Library/Application Support/ClaudeCode/managed-settings.json",
  win32: "C:\\Program Files\\ClaudeCode\\managed-settings.json",
};
