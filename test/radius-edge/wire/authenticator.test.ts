import { secret } from "../../../domain/secret.ts";
import {
  requestAuthenticatorHolds,
  requestMessageAuthenticatorHolds,
  responseAuthenticatorHolds,
  responseMessageAuthenticatorHolds,
  signRequest,
  signResponse,
} from "../../../radius-edge/wire/authenticator.ts";
import { packetOf } from "./make.ts";
import { CAPTURES, octets, RFC2865_7_1 } from "./vectors.ts";

const OTHER_SECRET = secret("another");

test("RFC 2865 §7.1: the Response Authenticator", () => {
  const { request, accept, secret: shared } = RFC2865_7_1;
  expect(responseAuthenticatorHolds(accept, request.subarray(4, 20), shared)).toBe(true);
  expect(responseAuthenticatorHolds(accept, request.subarray(4, 20), OTHER_SECRET)).toBe(false);
  expect(responseAuthenticatorHolds(accept, Buffer.alloc(16), shared)).toBe(false);
});

test("RFC 2865 §7.1: the accept, signed by us, is the RFC's", () => {
  const { request, accept, secret: shared } = RFC2865_7_1;
  const unsigned = Buffer.from(accept).fill(0, 4, 20);
  signResponse(unsigned, request.subarray(4, 20), shared);
  expect(unsigned).toEqual(accept);
});

test("RFC 2866 §3: a Cisco accounting request and its answer", () => {
  const { request, response, secret: shared } = CAPTURES.ciscoAccounting;
  expect(requestAuthenticatorHolds(request, shared)).toBe(true);
  expect(requestAuthenticatorHolds(request, OTHER_SECRET)).toBe(false);
  expect(responseAuthenticatorHolds(response, request.subarray(4, 20), shared)).toBe(true);

  const unsigned = Buffer.from(request).fill(0, 4, 20);
  signRequest(unsigned, shared);
  expect(unsigned).toEqual(request);
});

test.each([
  ["Aruba's", CAPTURES.arubaMacAuthentication],
  ["a supplicant's EAP", CAPTURES.eapRequest],
])("RFC 3579 §3.2: the Message-Authenticator of %s request", (_, { request, secret: shared }) => {
  const offset = packetOf(request).messageAuthenticatorOffset!;
  const before = Buffer.from(request);
  expect(requestMessageAuthenticatorHolds(request, offset, shared)).toBe(true);
  expect(requestMessageAuthenticatorHolds(request, offset, OTHER_SECRET)).toBe(false);
  expect(request).toEqual(before);
});

test("RFC 5176 §3.4: a Disconnect-Request's Message-Authenticator is over zeros, its Request Authenticator over both", () => {
  // HMAC-MD5 and MD5 of these octets, worked out apart from this code, with Python's hmac and hashlib.
  const signed = octets(`
    28 09 0033 e1e82956d64f96f52179c7e78cdd5657
    50 12 8f93bf4590f43929adbaa3c3e2848b6b
    37 06 655a1b00
    2c 07 3466656363`);
  const request = Buffer.from(signed).fill(0, 4, 20).fill(0, 22, 38);
  signRequest(request, secret("testing123"));
  expect(request).toEqual(signed);
  expect(requestMessageAuthenticatorHolds(request, 20, secret("testing123"))).toBe(true);
  expect(requestAuthenticatorHolds(request, secret("testing123"))).toBe(true);
});

test("an answer's Message-Authenticator is over the request's authenticator", () => {
  const nonce = octets("000102030405060708090a0b0c0d0e0f");
  const answer = octets(`0b 07 0026 ${"00".repeat(16)} 5012 ${"00".repeat(16)}`);
  signResponse(answer, nonce, secret("testing123"));
  expect(responseMessageAuthenticatorHolds(answer, 20, nonce, secret("testing123"))).toBe(true);
  expect(responseMessageAuthenticatorHolds(answer, 20, Buffer.alloc(16), secret("testing123"))).toBe(false);
  expect(responseAuthenticatorHolds(answer, nonce, secret("testing123"))).toBe(true);
});
