import fc from "fast-check";
import { composePacket, encodeBlock } from "../../../radius-edge/wire/attribute-block.ts";
import { buildResponse } from "../../../radius-edge/wire/exchange.ts";
import type { ResponseCode } from "../../../radius-edge/wire/packet-code.ts";
import { accessRequest, anyAttribute, bytesOf, packetOf, SECRET } from "./make.ts";

const anyCode = fc.constantFrom<ResponseCode>(
  "Access-Accept",
  "Access-Reject",
  "Access-Challenge",
  "Accounting-Response",
);
const anyAttributes = fc.array(anyAttribute, { maxLength: 8 });

test("an answer of a block and what follows is, octet by octet, what the radius package makes of all of them", () => {
  const anyProxyStates = fc.array(
    fc.uint8Array({ maxLength: 253 }).map((value) => [33, Buffer.from(value)] as const),
    {
      maxLength: 2,
    },
  );
  fc.assert(
    fc.property(anyCode, anyAttributes, anyAttributes, anyProxyStates, (code, shared, own, proxyStates) => {
      const request = packetOf(accessRequest(proxyStates));
      const whole = buildResponse({ code, attributes: [...shared, ...own] }, request, SECRET);
      const composed = buildResponse({ code, block: encodeBlock(shared), attributes: own }, request, SECRET);
      expect(composed).toEqual(whole);
    }),
  );
});

test("what fits into no packet is refused as if there were no block", () => {
  const head = { code: "Access-Accept", identifier: 1, authenticator: Buffer.alloc(16) } as const;
  const full = Array.from({ length: 15 }, () => [25, Buffer.alloc(253)] as const);
  expect(composePacket(head, encodeBlock([]), [[11, Buffer.alloc(254)]])).toEqual({
    kind: "refused",
    sentence: "Filter-Id takes at most 253 octets, not 254.",
  });
  expect(composePacket(head, encodeBlock(full), [[25, Buffer.alloc(253)]])).toEqual({
    kind: "refused",
    sentence: "A packet takes at most 4096 octets; these attributes need 4118.",
  });
  expect(() => encodeBlock([...full, ...full])).toThrow(RangeError);
});

test("a packet takes as much memory as it has octets", () => {
  const head = { code: "Access-Accept", identifier: 1, authenticator: Buffer.alloc(16) } as const;
  const bytes = bytesOf(composePacket(head, encodeBlock([[11, Buffer.from("staff")]]), []));
  expect([bytes.length, bytes.buffer.byteLength]).toEqual([45, Buffer.poolSize]);
});
