import { createAdmission } from "../../radius-edge/admission.ts";
import type { Admission } from "../../radius-edge/admission.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import { buildRequest, newRequestAuthenticator } from "../../radius-edge/wire/exchange.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { bytesOf, packetOf, SECRET } from "./wire/make.ts";

const STATE: Attribute = [ATTRIBUTE.State, Buffer.from("a state")];
const BEGINS = packet("Access-Request");
const CONTINUES = packet("Access-Request", [STATE, [ATTRIBUTE.EapMessage, Buffer.from("an EAP response")]]);
const REPORTS = packet("Accounting-Request");
const ASKS = packet("Status-Server");

function packet(
  code: "Access-Request" | "Accounting-Request" | "Status-Server",
  attributes: readonly Attribute[] = [],
): Packet {
  const draft =
    code === "Accounting-Request"
      ? { code, identifier: 1, attributes }
      : { code, identifier: 1, attributes, authenticator: newRequestAuthenticator() };
  return packetOf(bytesOf(buildRequest(draft, SECRET)));
}

let waitingMs = 0;
let conversations = 0;
const told: string[] = [];
const log = { warn: (_facts: object, said: string) => void told.push(said) };

function open(bounds: { readonly most?: number; readonly mostPerNas?: number } = {}): Admission {
  waitingMs = 0;
  conversations = 0;
  told.length = 0;
  const work = { waitingMs: () => waitingMs, conversations: () => conversations };
  return createAdmission({ work, log: log as never, ...bounds });
}

/** What each kind of request meets now; those taken are let go at once. */
function met(admission: Admission, nas = "a NAS"): readonly string[] {
  return [BEGINS, CONTINUES, REPORTS, ASKS].map((asked) => {
    const refused = admission.enter(asked, nas);
    if (refused === undefined) admission.leave(nas);
    return refused?.reason ?? "taken";
  });
}

const ALL_TAKEN = ["taken", "taken", "taken", "taken"];
const NOTHING_NEW = ["overload", "taken", "taken", "taken"];
const ONLY_WHAT_GOES_ON = ["overload", "taken", "overload", "overload"];
const NOTHING = ["overload", "overload", "overload", "overload"];

test("when answers wait, what begins anew is dropped first, and what goes on never; and it is told once", () => {
  const admission = open();
  expect(met(admission)).toEqual(ALL_TAKEN);
  waitingMs = 999;
  expect(met(admission)).toEqual(ALL_TAKEN);
  waitingMs = 1_000;
  expect(met(admission)).toEqual(NOTHING_NEW);
  waitingMs = 3_000;
  expect(met(admission)).toEqual(ONLY_WHAT_GOES_ON);
  waitingMs = 30_000;
  expect(met(admission)).toEqual(ONLY_WHAT_GOES_ON);
  waitingMs = 0;
  expect(met(admission)).toEqual(ALL_TAKEN);
  expect(told).toEqual(["overload: what begins anew is dropped"]);
});

test("a State with which nothing goes on, such as beside a MAC address, takes no request past the others", () => {
  const admission = open();
  waitingMs = 1_000;
  expect(admission.enter(packet("Access-Request", [STATE]), "a NAS")?.reason).toBe("overload");
  expect(admission.enter(CONTINUES, "a NAS")).toBeUndefined();
});

test("when much is in hand, what begins anew is dropped first, and what goes on last", () => {
  const admission = open({ most: 8 });
  const fill = (count: number): void => {
    for (let n = 0; n < count; n++) expect(admission.enter(CONTINUES, `NAS ${n}`)).toBeUndefined();
  };
  fill(5);
  expect(met(admission)).toEqual(ALL_TAKEN);
  fill(1);
  expect(met(admission)).toEqual(NOTHING_NEW);
  fill(2);
  expect(met(admission)).toEqual(ONLY_WHAT_GOES_ON);
  fill(2);
  expect(met(admission)).toEqual(NOTHING);
  for (let n = 0; n < 5; n++) admission.leave("NAS 0");
  expect(met(admission)).toEqual(ALL_TAKEN);
});

test("one NAS leaves room for the others, and gets its own back; its conversations have more of it", () => {
  const admission = open({ mostPerNas: 4 });
  for (let n = 0; n < 4; n++) expect(admission.enter(REPORTS, "greedy")).toBeUndefined();
  for (const packet of [BEGINS, REPORTS]) expect(admission.enter(packet, "greedy")?.reason).toBe("nas-overload");
  expect(admission.enter(CONTINUES, "greedy")).toBeUndefined();
  expect(admission.enter(CONTINUES, "greedy")?.reason).toBe("nas-overload");
  admission.leave("greedy");
  expect(admission.enter(REPORTS, "modest")).toBeUndefined();
  admission.leave("greedy");
  expect(admission.enter(REPORTS, "greedy")).toBeUndefined();
});

test("an edge's own bounds are those that docs/scale.md tells", () => {
  const admission = open();
  const fill = (count: number, nas: string): void => {
    const refused = Array.from({ length: count }, () => admission.enter(CONTINUES, nas)).filter(Boolean);
    expect(refused).toEqual([]);
  };
  fill(4_999, "a");
  expect(met(admission, "a")).toEqual(ALL_TAKEN);
  fill(1, "a");
  expect(met(admission, "a")).toEqual(["nas-overload", "taken", "nas-overload", "nas-overload"]);
  fill(1_250, "a");
  expect(met(admission, "a")).toEqual(["nas-overload", "nas-overload", "nas-overload", "nas-overload"]);
  fill(6_250, "b");
  fill(2_499, "c");
  expect(met(admission)).toEqual(ALL_TAKEN);
  fill(1, "c");
  expect(met(admission)).toEqual(NOTHING_NEW);
  fill(3_750, "c");
  fill(1_250, "d");
  expect(met(admission)).toEqual(ONLY_WHAT_GOES_ON);
  fill(5_000, "d");
  expect(met(admission)).toEqual(NOTHING);
});

test("a drain begins nothing, brings conversations and reports to their end, and then takes nothing", async () => {
  const admission = open();
  conversations = 1;
  expect(admission.enter(CONTINUES, "a NAS")).toBeUndefined();
  let isOver = false;
  const drained = admission.drain().then(() => (isOver = true));
  expect(met(admission)).toEqual(["shutting-down", "taken", "taken", "shutting-down"]);
  conversations = 0;
  while (met(admission)[1] === "taken") await new Promise(setImmediate);
  expect(met(admission)).toEqual(["shutting-down", "shutting-down", "shutting-down", "shutting-down"]);
  expect(isOver).toBe(false);
  admission.leave("a NAS");
  await drained;
});

test("a drain waits neither for clients that have left nor for answers that do not come", async () => {
  const admission = open();
  conversations = 1;
  expect(admission.enter(REPORTS, "a NAS")).toBeUndefined();
  await admission.drain();
  expect(conversations).toBe(1);
});
