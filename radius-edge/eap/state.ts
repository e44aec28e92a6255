import { randomBytes } from "node:crypto";

/**
 * The handle by which a NAS returns to its conversation, opaque to it: version (1 octet), process (2 octets), random
 * (13 octets). The process tells a sibling of the same edge whose conversation it is.
 */
const VERSION = 1;
const STATE_OCTETS = 16;
const PROCESS_OFFSET = 1;
const RANDOM_OFFSET = 3;
export const LARGEST_PROCESS_ID = 0xffff;

/** A new handle, not to be guessed. `processId`: 0 to 65535. */
export function newState(processId: number): Buffer {
  const state = Buffer.concat([Buffer.alloc(RANDOM_OFFSET), randomBytes(STATE_OCTETS - RANDOM_OFFSET)]);
  state.writeUInt8(VERSION, 0);
  state.writeUInt16BE(processId, PROCESS_OFFSET);
  return state;
}

/** The process that made a handle; `undefined` when it was not made by this version of us. */
export function stateProcessId(state: Buffer): number | undefined {
  if (state.length !== STATE_OCTETS || state.readUInt8(0) !== VERSION) return undefined;
  return state.readUInt16BE(PROCESS_OFFSET);
}
