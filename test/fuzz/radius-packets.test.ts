import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { SERVICE_TYPE } from "../../radius-edge/wire/attribute-type.ts";
import { signRequest } from "../../radius-edge/wire/authenticator.ts";
import { buildRequest, newRequestAuthenticator } from "../../radius-edge/wire/exchange.ts";
import type { RequestDraft } from "../../radius-edge/wire/exchange.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { writeVendorAttribute } from "../../radius-edge/wire/vendor-attribute.ts";
import { createSite } from "../radius-edge/eap/bench.ts";
import { bytesOf } from "../radius-edge/wire/make.ts";
import { NAS_SECRET } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { eventually, memoryInUse, metricOf, NAS_ADDRESS, startEdgeUnderFire } from "./edge-under-fire.ts";
import { chance, damaged } from "./mutation.ts";
import type { Chance } from "./mutation.ts";

const PACKETS = Number(process.env["PORTCULLIS_TEST_FUZZ_PACKETS"] ?? 50_000);
const SEED = Number(process.env["PORTCULLIS_TEST_FUZZ_SEED"] ?? Date.now() % 1_000_000);
/** What the socket's buffer holds, with room to spare. */
const AT_ONCE = 500;

const STATUS_SERVER = 12;
const ACCESS_ACCEPT = 2;

let running: TestEdge;
let socket: Socket;
let replies = 0;
let accepts = 0;

beforeAll(async () => {
  // The rule asks for what nobody here has: whoever is let in got in by a fault.
  running = await startEdgeUnderFire(await createSite(), { verdict: "Compliant", gives: [] });
  socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(0, NAS_ADDRESS);
  await once(socket, "listening");
  socket.on("message", (reply) => {
    replies++;
    if (reply[0] === ACCESS_ACCEPT) accepts++;
  });
});
afterAll(async () => {
  socket.close();
  await running.close();
});

const PLACE: readonly Attribute[] = [
  write.writeCallingStationId("A4-83-E7-11-22-33"),
  write.writeCalledStationId("00-11-22-33-44-55:corp"),
  write.writeNasIdentifier("ap-1"),
  write.writeNasPort(7),
  write.writeAcctSessionId("4FECC41E"),
  writeVendorAttribute({ vendorId: 9, vendorType: 1, value: Buffer.from("audit-session-id=0A00") }),
];

/** An Identity, a ClientHello's beginning, a Nak: EAP packets with which conversations begin and go wrong. */
const EAPS = ["0201000a01616c696365", "0202000d0d8000000003160301", "02030006030d", "0204000616fe"].map((hex) =>
  Buffer.from(hex, "hex"),
);

/** Sound requests of every kind that an edge answers, but Status-Server, whose answer is an Accept. */
function soundRequests(from: Chance): RequestDraft {
  const identifier = from.below(256);
  const authenticator = newRequestAuthenticator();
  const access = (attributes: readonly Attribute[]): RequestDraft => ({
    code: "Access-Request",
    identifier,
    authenticator,
    attributes: [...attributes, ...PLACE],
  });
  return from.pick<() => RequestDraft>([
    () => access([write.writeUserName("a483e7112233"), write.writeServiceType(SERVICE_TYPE.CallCheck)]),
    () => access([write.writeUserName("alice"), ...write.writeEapMessage(from.pick(EAPS))]),
    () => access([write.writeUserName("alice"), write.writeProxyState(Buffer.alloc(9, 7))]),
    () => {
      const kind = write.writeAccountingKind(from.pick(["start", "interim", "stop", "on", "off"] as const));
      return { code: "Accounting-Request", identifier, attributes: [kind, ...PLACE] };
    },
  ])();
}

/** With its Message-Authenticator made right again, where it has one in place, or left wrong. */
function resigned(bytes: Buffer): Buffer {
  const isWhole = bytes.length >= 38 && bytes[20] === 80 && bytes[21] === 18;
  if (!isWhole) return bytes;
  bytes.writeUInt16BE(bytes.length, 2);
  bytes.fill(0, 22, 38);
  signRequest(bytes, NAS_SECRET);
  return bytes;
}

test(`${PACKETS} damaged RADIUS packets: each is answered or dropped under a name, none is accepted (seed ${SEED})`, async () => {
  const from = chance(SEED);
  const [host, port] = running.edge.authentication.split(":");
  const [, accountingPort] = running.edge.accounting.split(":");
  let atHalf = 0;
  for (let sent = 0; sent < PACKETS;) {
    for (const end = Math.min(PACKETS, sent + AT_ONCE); sent < end; sent++) {
      const draft = soundRequests(from);
      // Half of them are damaged behind the header and signed by one who knows the secret: they get deeper.
      const bytes = bytesOf(buildRequest(draft, NAS_SECRET));
      const packet = from.below(2) === 0 ? resigned(damaged(bytes, from, 38)) : damaged(bytes, from);
      if (packet[0] === STATUS_SERVER) packet[0] = 1;
      socket.send(packet, Number(from.below(8) === 0 ? accountingPort : port), host);
    }
    const isSettled = async (): Promise<boolean> =>
      replies + (await metricOf(running, "portcullis_radius_drops_total")) === sent;
    await eventually(isSettled);
    if (atHalf === 0 && sent >= PACKETS / 2) atHalf = memoryInUse();
  }
  expect(accepts).toBe(0);
  expect(await metricOf(running, "portcullis_radius_drops_total", 'reason="internal-error"')).toBe(0);
  expect(replies).toBeGreaterThan(PACKETS / 100);
  expect(memoryInUse() - atHalf).toBeLessThan(32 * 1024 * 1024);
}, 1_800_000);
