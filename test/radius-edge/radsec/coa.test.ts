import { createRadsecCoa } from "../../../radius-edge/radsec/coa.ts";
import type { RadsecCoa } from "../../../radius-edge/radsec/coa.ts";
import { writeAcctSessionId } from "../../../radius-edge/wire/attribute-writers.ts";

const ask = (coa: RadsecCoa) => coa.send({ code: "Disconnect-Request", attributes: [writeAcctSessionId("7001")] });

test("what a connection has no room for is told as the edge's affair, not as the NAS's", async () => {
  const full = createRadsecCoa(() => false);
  expect(await ask(full)).toEqual({ kind: "busy", text: "the NAS does not read from its RadSec connection" });
  const silent = createRadsecCoa(() => true);
  const unanswered = Array.from({ length: 256 }, () => ask(silent));
  expect(await ask(silent)).toEqual({ kind: "busy", text: "256 requests to this NAS are unanswered" });
  silent.end("peer");
  await Promise.all(unanswered);
});

test.each([
  ["the NAS ends the connection", "peer", { kind: "noAnswer", attempts: 1 }],
  ["the edge stops", "shutdown", { kind: "busy", text: "the edge is stopping" }],
] as const)("when %s, what is unanswered is told so", async (_when, reason, outcome) => {
  const coa = createRadsecCoa(() => true);
  const asked = ask(coa);
  coa.end(reason);
  expect(await asked).toEqual(outcome);
});
