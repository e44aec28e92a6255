// The script of an EAP thread, of the sources as they stand: jest transforms for itself alone.
import { register } from "node:module";

register("./typescript-loader.mjs", import.meta.url);
await import("../../radius-edge/eap/thread.ts");
