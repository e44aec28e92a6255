import radius from "radius";
import { secret } from "../../../domain/secret.ts";
import { verifyRequest, verifyResponse } from "../../../radius-edge/wire/exchange.ts";
import { datagram, packetOf } from "./make.ts";
import { octets } from "./vectors.ts";

/*
 * The `radius` package compares digests as UTF-8 text, where every invalid octet reads as U+FFFD. So 16 × 0xFF "equals"
 * each digest that is invalid throughout, about one in 2²¹. These three packets were found by counting up (in seconds, and
 * without the secret, which the attacker does not need: the server says when it believes). Each is believed by the
 * package; if one is ever believed by us, someone has let the package verify again, or compares digests as text.
 */
const SECRET_TEXT = "testing123";
const SECRET = secret(SECRET_TEXT);
const FORGED = Buffer.alloc(16, 0xff);

/** The package's own way in, which wire/packet.ts never takes. */
const believing = radius as unknown as {
  decode(packet: { packet: Buffer; secret: string }): { code: string };
  verify_response(exchange: { request: Buffer; response: Buffer; secret: string }): boolean;
};

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

test("an Accounting-Stop forged without the secret is believed by the package, and not by us", () => {
  const tries = 3_127_681;
  const forged = datagram(4, Buffer.concat([octets("28 06 00000001 29 06"), uint32(tries)]));
  forged[1] = tries & 0xff;
  FORGED.copy(forged, 4);

  expect(believing.decode({ packet: Buffer.from(forged), secret: SECRET_TEXT }).code).toBe("Accounting-Request");
  expect(verifyRequest(packetOf(forged), SECRET)).toEqual({ kind: "drop", reason: "request-authenticator-wrong" });
});

test("an Access-Request with a forged Message-Authenticator is believed by the package, and not by us", () => {
  const forged = datagram(1, Buffer.concat([octets("50 12"), FORGED, octets("01 03 41")]));
  uint32(1_516_832).copy(forged, 4);

  expect(believing.decode({ packet: Buffer.from(forged), secret: SECRET_TEXT }).code).toBe("Access-Request");
  expect(verifyRequest(packetOf(forged), SECRET)).toEqual({ kind: "drop", reason: "message-authenticator-wrong" });
});

test("a forged Disconnect-ACK is believed by the package, and not by us", () => {
  const request = octets("28 05 0019 c2ec9689aaa332f8f22af7a27f13d501 2c 05 616263");
  const forged = datagram(41, Buffer.concat([octets("19 06"), uint32(1_499_950)]));
  forged[1] = 5;
  FORGED.copy(forged, 4);

  const believed = believing.verify_response({
    request: Buffer.from(request),
    response: Buffer.from(forged),
    secret: SECRET_TEXT,
  });
  expect(believed).toBe(true);
  expect(verifyResponse(forged, request, SECRET)).toEqual({ kind: "drop", reason: "response-authenticator-wrong" });
});

test("the package refuses what RFC 5176 §3.4 prescribes, and we accept it", () => {
  const request = octets(`
    28 09 0033 e1e82956d64f96f52179c7e78cdd5657
    50 12 8f93bf4590f43929adbaa3c3e2848b6b
    37 06 655a1b00
    2c 07 3466656363`);
  expect(() => believing.decode({ packet: Buffer.from(request), secret: SECRET_TEXT })).toThrow("mismatch");
  expect(verifyRequest(packetOf(request), SECRET)).toEqual({ kind: "authentic" });
});
