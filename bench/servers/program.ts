import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { spawnOn } from "../machine/cores.ts";
import { endChild } from "./child.ts";
import type { Server } from "./server.ts";

export interface Program extends Server {
  readonly child: ChildProcess;
}

/** Starts one of programs/, which prints `… on <port>` once it answers; it ends with us. */
export async function startProgram(program: "echo" | "coa-nas", name: string): Promise<Program> {
  const child = spawnOn("all", [process.execPath, join(import.meta.dirname, `../programs/${program}.js`)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.on("data", (line: Buffer) => resolve(Number(/on (\d+)/.exec(line.toString())?.[1])));
    child.once("exit", () => reject(new Error(`${name} ended before it answered`)));
  });
  return { child, name, port, pid: child.pid!, stop: () => endChild(child) };
}
