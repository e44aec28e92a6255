import { LARGEST_PROCESS_ID, newState, stateProcessId } from "../../../radius-edge/eap/state.ts";

test("a handle is 16 octets, unlike any other, and names its process", () => {
  const states = Array.from({ length: 100 }, () => newState(LARGEST_PROCESS_ID));
  expect(new Set(states.map((state) => state.toString("hex"))).size).toBe(100);
  expect(states.every((state) => state.length === 16 && stateProcessId(state) === LARGEST_PROCESS_ID)).toBe(true);
});

test("what we did not make names no process", () => {
  expect(stateProcessId(Buffer.alloc(16))).toBeUndefined();
  expect(stateProcessId(newState(1).subarray(1))).toBeUndefined();
  expect(stateProcessId(Buffer.alloc(0))).toBeUndefined();
});
