import { createDropLog } from "../../radius-edge/drop-log.ts";
import { createLog } from "../../runtime/log.ts";

interface Line {
  readonly reason?: string;
  readonly peer?: string;
  readonly drops?: number;
  readonly msg: string;
}

/** A drop log, and the lines of level warn that it has written. */
function recorded() {
  const lines: Line[] = [];
  const log = createLog("edge", "info", { write: (line) => void lines.push(JSON.parse(line) as Line) });
  return { lines, dropLog: createDropLog(log) };
}

test("a peer's drops are told once for each reason, with the sentence, and again after a while", () => {
  const { lines, dropLog } = recorded();
  for (const now of [1, 2, 3]) {
    dropLog.note("unknown-nas", "192.0.2.1", now);
    dropLog.note("message-authenticator-wrong", "192.0.2.1", now);
    dropLog.note("unknown-nas", "192.0.2.2", now);
  }
  expect(lines.map(({ reason, peer }) => `${reason} ${peer}`)).toEqual([
    "unknown-nas 192.0.2.1",
    "message-authenticator-wrong 192.0.2.1",
    "unknown-nas 192.0.2.2",
  ]);
  expect(lines[1]?.msg).toMatch(/shared secrets differ/);
  dropLog.note("unknown-nas", "192.0.2.1", 700_000);
  expect(lines).toHaveLength(4);
});

test("what is usual on a network is not told", () => {
  const { lines, dropLog } = recorded();
  for (const reason of ["duplicate-in-flight", "eap-state-expired", "overload", "shutting-down"] as const)
    dropLog.note(reason, "192.0.2.1", 1);
  expect(lines).toEqual([]);
  // A NAS that returns no State lets nobody in by EAP: somebody has to know.
  dropLog.note("eap-state-missing", "192.0.2.1", 1);
  expect(lines).toMatchObject([{ reason: "eap-state-missing", peer: "192.0.2.1" }]);
});

test("a flood from forged addresses becomes 200 lines, and one that counts the rest", () => {
  const { lines, dropLog } = recorded();
  for (let n = 0; n < 5_000; n++) dropLog.note("unknown-nas", `10.0.${n >> 8}.${n & 255}`, 1);
  expect(lines).toHaveLength(200);
  dropLog.note("unknown-nas", "192.0.2.1", 700_000);
  expect(lines.slice(200)).toMatchObject([{ drops: 4_800 }, { peer: "192.0.2.1" }]);
});
