import type { Role } from "../../runtime/config.ts";

/** With what Node is started for a role. */
export function nodeFlags(role: Role): readonly string[] {
  // What requests leave behind is garbage within milliseconds. With V8's own 16 MB many of them are under way whenever a young
  // generation is full, and are copied each time: a fifth of a busy edge's CPU (measured).
  return ["--enable-source-maps", ...(role === "edge" ? ["--max-semi-space-size=64"] : [])];
}
