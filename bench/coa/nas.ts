import { once } from "node:events";
import { startProgram } from "../servers/program.ts";
import type { Server } from "../servers/server.ts";

/** The NAS of programs/coa-nas.ts. */
export interface CoaNas extends Server {
  /** How many CoAs have come since this was asked last, those that were sent again with them. */
  received(): Promise<number>;
}

export async function startCoaNas(): Promise<CoaNas> {
  const { child, ...server } = await startProgram("coa-nas", "a NAS");
  return {
    ...server,
    async received() {
      const told = once(child, "message");
      child.send("received");
      return Number((await told)[0]);
    },
  };
}
