import { createHash } from "node:crypto";
import type { Plan } from "./plan.ts";
import { SECRET, VLAN } from "./requests.ts";

/** Whether an answer is the right one; `isThorough` looks at every octet, which costs as much as sending a request. */
export type Judge = (answer: Buffer, request: Buffer, isThorough: boolean) => boolean;

export function judgeOf(expects: Plan["expects"]): Judge {
  return expects === "echo" ? isEcho : isAccept;
}

const isEcho: Judge = (answer, request, isThorough) =>
  isThorough ? answer.equals(request) : answer.length === request.length && answer[1] === request[1];

const ACCESS_ACCEPT = 2;
const TUNNEL_PRIVATE_GROUP_ID = 81;

const isAccept: Judge = (answer, request, isThorough) => {
  if (answer[0] !== ACCESS_ACCEPT || answer[1] !== request[1]) return false;
  return !isThorough || (isSigned(answer, request) && hasVlan(answer));
};

/** RFC 2865 §3, Response Authenticator. */
function isSigned(answer: Buffer, request: Buffer): boolean {
  return createHash("md5")
    .update(answer.subarray(0, 4))
    .update(request.subarray(4, 20))
    .update(answer.subarray(20))
    .update(SECRET)
    .digest()
    .equals(answer.subarray(4, 20));
}

function hasVlan(answer: Buffer): boolean {
  const value = valueOf(answer, TUNNEL_PRIVATE_GROUP_ID);
  // RFC 2868 §3.6: a tag may stand before the name.
  return value !== undefined && value.subarray(value[0]! <= 0x1f ? 1 : 0).toString() === VLAN;
}

const CLASS = 25;

/** The event that an answer of ours rests on: octets 17 to 32 of our Class. Hexadecimal. */
export function eventOf(answer: Buffer): string {
  return valueOf(answer, CLASS)?.toString("hex", 17, 33) ?? "";
}

function valueOf(packet: Buffer, type: number): Buffer | undefined {
  for (let offset = 20; offset + 2 <= packet.length; offset += Math.max(2, packet[offset + 1]!)) {
    if (packet[offset] === type) return packet.subarray(offset + 2, offset + packet[offset + 1]!);
  }
  return undefined;
}
