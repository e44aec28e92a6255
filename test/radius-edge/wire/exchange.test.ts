import { createHash } from "node:crypto";
import fc from "fast-check";
import { reveal, secret } from "../../../domain/secret.ts";
import {
  writeClass,
  writeEapMessage,
  writeProxyState,
  writeUserName,
  writeVlan,
} from "../../../radius-edge/wire/attribute-writers.ts";
import { readProxyStates } from "../../../radius-edge/wire/attribute-readers.ts";
import { signRequest, signResponse } from "../../../radius-edge/wire/authenticator.ts";
import {
  buildRequest,
  buildResponse,
  newRequestAuthenticator,
  verifyRequest,
  verifyResponse,
} from "../../../radius-edge/wire/exchange.ts";
import { decodePacket, encodePacket } from "../../../radius-edge/wire/packet.ts";
import type { RequestCode, ResponseCode } from "../../../radius-edge/wire/packet-code.ts";
import { accessRequest, anyAttribute, bytesOf, packetOf, SECRET } from "./make.ts";

const ANSWERED: readonly (readonly [RequestCode, ResponseCode])[] = [
  ["Access-Request", "Access-Accept"],
  ["Access-Request", "Access-Reject"],
  ["Access-Request", "Access-Challenge"],
  ["Status-Server", "Access-Accept"],
  ["Accounting-Request", "Accounting-Response"],
  ["CoA-Request", "CoA-NAK"],
  ["Disconnect-Request", "Disconnect-ACK"],
];

function requestOf(code: RequestCode, attributes = [writeUserName("nemo")]): Buffer {
  const head = { identifier: 7, attributes };
  const draft =
    code === "Access-Request" || code === "Status-Server"
      ? { ...head, code, authenticator: newRequestAuthenticator() }
      : { ...head, code };
  return bytesOf(buildRequest(draft, SECRET));
}

/** Signed as RFC 2865 has it, without Message-Authenticator, as old NASes do. */
function withoutMessageAuthenticator(code: RequestCode, attributes = [writeUserName("nemo")]): Buffer {
  return bytesOf(encodePacket({ code, identifier: 7, authenticator: newRequestAuthenticator(), attributes }));
}

describe.each(ANSWERED)("%s, answered by %s", (requestCode, responseCode) => {
  const isAccounting = requestCode === "Accounting-Request";
  const request = requestOf(requestCode);
  const response = bytesOf(
    buildResponse({ code: responseCode, attributes: [writeClass(Buffer.from("c"))] }, packetOf(request), SECRET),
  );

  test("both verify, and neither does with another secret", () => {
    expect(verifyRequest(packetOf(request), SECRET)).toEqual({ kind: "authentic" });
    expect(verifyRequest(packetOf(request), secret("other")).kind).toBe("drop");
    expect(verifyResponse(response, request, SECRET)).toMatchObject({ kind: "packet", packet: { code: responseCode } });
    expect(verifyResponse(response, request, secret("other"))).toMatchObject({
      reason: "response-authenticator-wrong",
    });
  });

  test("Message-Authenticator is the first attribute, and in accounting there is none", () => {
    for (const bytes of [request, response]) {
      const { attributes } = packetOf(bytes);
      expect(attributes[0]![0] === 80).toBe(!isAccounting);
      expect(attributes.filter(([type]) => type === 80)).toHaveLength(isAccounting ? 0 : 1);
    }
  });

  test("an answer to another request is not ours", () => {
    const other = requestOf(requestCode, [writeUserName("other")]);
    expect(verifyResponse(response, other, SECRET)).toMatchObject({ reason: "response-authenticator-wrong" });
    const otherIdentifier = Buffer.from(request);
    otherIdentifier[1] = 8;
    expect(verifyResponse(response, otherIdentifier, SECRET)).toMatchObject({ reason: "not-awaited" });
    expect(verifyResponse(request, request, SECRET)).toMatchObject({ reason: "not-awaited" });
  });

  test("one changed octet anywhere is enough to be refused", () => {
    for (let at = 0; at < request.length; at += 1) {
      const changed = Buffer.from(request);
      changed[at]! ^= 0x01;
      const decoded = decodePacket(changed);
      const verdict = decoded.kind === "drop" ? decoded : verifyRequest(decoded.packet, SECRET);
      expect({ at, kind: verdict.kind }).toEqual({ at, kind: "drop" });
    }
    for (let at = 0; at < response.length; at += 1) {
      const changed = Buffer.from(response);
      changed[at]! ^= 0x01;
      expect({ at, kind: verifyResponse(changed, request, SECRET).kind }).toEqual({ at, kind: "drop" });
    }
  });
});

test("no byte string is accepted without the secret, whatever its code, headers and attributes", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ minLength: 0, maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc
      .record({
        code: fc.constantFrom<RequestCode>(
          "Access-Request",
          "Status-Server",
          "Accounting-Request",
          "CoA-Request",
          "Disconnect-Request",
        ),
        identifier: fc.nat(255),
        authenticator: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
        attributes: fc.array(anyAttribute, { maxLength: 6 }),
        messageAuthenticator: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
      })
      .map(({ messageAuthenticator, attributes, ...head }) =>
        bytesOf(
          encodePacket({
            ...head,
            attributes:
              messageAuthenticator === null ? attributes : [[80, Buffer.from(messageAuthenticator)], ...attributes],
          }),
        ),
      ),
  );
  const request = requestOf("CoA-Request");
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const decoded = decodePacket(bytes);
      const verdict = decoded.kind === "drop" ? decoded : verifyRequest(decoded.packet, SECRET);
      expect(verdict.kind).toBe("drop");
      expect(verifyResponse(bytes, request, SECRET).kind).toBe("drop");
    }),
    { numRuns: 2_000 },
  );
});

test("whatever a mutation does to a signed request, what is accepted is the request itself", () => {
  const request = accessRequest([
    writeUserName("nemo"),
    writeProxyState(Buffer.from("p")),
    ...writeEapMessage(Buffer.alloc(300, 1)),
  ]);
  const mutation = fc.record({
    at: fc.nat(request.length - 1),
    remove: fc.nat(8),
    insert: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(mutation, ({ at, remove, insert }) => {
      const mutated = Buffer.concat([request.subarray(0, at), insert, request.subarray(at + remove)]);
      const decoded = decodePacket(mutated);
      if (decoded.kind === "drop" || verifyRequest(decoded.packet, SECRET).kind === "drop") return;
      expect(decoded.packet.bytes).toEqual(request);
    }),
    { numRuns: 2_000 },
  );
});

test("Proxy-State goes back untouched and in order, behind tagged attributes too", () => {
  const states = [Buffer.from([0]), Buffer.alloc(253, 0xff), Buffer.from("a\0b")];
  const request = packetOf(accessRequest(states.map(writeProxyState)));
  const response = bytesOf(
    buildResponse(
      { code: "Access-Accept", attributes: [...writeVlan("42"), writeClass(Buffer.from("AB"))] },
      request,
      SECRET,
    ),
  );
  const answer = packetOf(response);
  expect(readProxyStates(answer)).toEqual(states);
  expect(answer.attributes.slice(-3).map(([type]) => type)).toEqual([33, 33, 33]);
  // The package, left to itself, puts a stray 0x00 before each value that follows a tagged one.
  expect(answer.attributes.find(([type]) => type === 25)).toEqual([25, Buffer.from("AB")]);
});

test("a request that must carry Message-Authenticator and does not is dropped", () => {
  for (const code of ["Access-Request", "Status-Server"] as const) {
    const reason = "message-authenticator-missing";
    expect(verifyRequest(packetOf(withoutMessageAuthenticator(code)), SECRET)).toEqual({ kind: "drop", reason });
  }
});

test("an old NAS, let off by its rule, sends requests that count as unsigned; Status-Server is not let off", () => {
  const request = packetOf(withoutMessageAuthenticator("Access-Request"));
  expect(verifyRequest(request, SECRET, "if-present")).toEqual({ kind: "unsigned" });
  const status = packetOf(withoutMessageAuthenticator("Status-Server"));
  expect(verifyRequest(status, SECRET, "if-present")).toEqual({
    kind: "drop",
    reason: "message-authenticator-missing",
  });
});

test("EAP and Proxy-State without Message-Authenticator are dropped whatever the rule (RFC 3579 §3.1, CVE-2024-3596)", () => {
  const eap = packetOf(withoutMessageAuthenticator("Access-Request", [...writeEapMessage(Buffer.from([2, 1, 0, 4]))]));
  const proxied = packetOf(withoutMessageAuthenticator("Access-Request", [writeProxyState(Buffer.from("p"))]));
  expect(verifyRequest(eap, SECRET, "if-present")).toMatchObject({ reason: "eap-without-message-authenticator" });
  expect(verifyRequest(eap, SECRET, "required")).toMatchObject({ reason: "eap-without-message-authenticator" });
  expect(verifyRequest(proxied, SECRET, "if-present")).toMatchObject({
    reason: "proxy-state-without-message-authenticator",
  });
});

test("a wrong Message-Authenticator is never excused by the rule", () => {
  const request = packetOf(requestOf("Access-Request"));
  expect(verifyRequest(request, secret("other"), "if-present")).toMatchObject({
    reason: "message-authenticator-wrong",
  });
});

test("an Accept without Message-Authenticator is refused, soundly signed as it may be", () => {
  const request = requestOf("Access-Request");
  const encoded = bytesOf(
    encodePacket({ code: "Access-Accept", identifier: 7, authenticator: Buffer.alloc(16), attributes: [] }),
  );
  signResponse(encoded, request.subarray(4, 20), SECRET);
  expect(verifyResponse(encoded, request, SECRET)).toEqual({ kind: "drop", reason: "message-authenticator-missing" });
});

test("a CoA-ACK without Message-Authenticator is taken: FreeRADIUS sends none", () => {
  const request = requestOf("CoA-Request");
  const encoded = bytesOf(
    encodePacket({ code: "CoA-ACK", identifier: 7, authenticator: Buffer.alloc(16), attributes: [] }),
  );
  signResponse(encoded, request.subarray(4, 20), SECRET);
  expect(verifyResponse(encoded, request, SECRET).kind).toBe("packet");
});

test("accounting that carries a Message-Authenticator all the same is verified by it", () => {
  const attributes = [[80, Buffer.alloc(16)], writeUserName("nemo")] as const;
  const head = { code: "Accounting-Request", identifier: 1, authenticator: Buffer.alloc(16) } as const;
  const bytes = bytesOf(encodePacket({ ...head, attributes }));
  signRequest(bytes, SECRET);
  expect(verifyRequest(packetOf(bytes), SECRET)).toEqual({ kind: "authentic" });
  // Only the Message-Authenticator wrong: the Request Authenticator, made anew, covers the wrong one.
  bytes[22]! ^= 1;
  bytes.fill(0, 4, 20);
  createHash("md5").update(bytes).update(reveal(SECRET)).digest().copy(bytes, 4);
  expect(verifyRequest(packetOf(bytes), SECRET)).toMatchObject({ reason: "message-authenticator-wrong" });
});

test("a response that does not fit is refused, not sent cut", () => {
  const request = packetOf(accessRequest(Array.from({ length: 15 }, () => writeProxyState(Buffer.alloc(253)))));
  const draft = { code: "Access-Accept", attributes: [writeClass(Buffer.alloc(253))] } as const;
  expect(buildResponse(draft, request, SECRET).kind).toBe("refused");
});
