import { timingSafeEqual } from "node:crypto";
import type { Secret } from "../../domain/secret.ts";
import { ATTRIBUTE } from "./attribute-type.ts";
import { createHmacMd5, createMd5 } from "./md5.ts";
import { CODE_NUMBERS } from "./packet-code.ts";
import { ATTRIBUTE_HEADER_OCTETS, HEADER_OCTETS, MESSAGE_AUTHENTICATOR_OCTETS } from "./scan.ts";
import { secretOctets } from "./shared-secret.ts";

/*
 * The authenticators, over raw bytes of a scanned packet (no padding, bounds sound). Each signing function works in
 * place; each question is answered in constant time and leaves the bytes alone.
 */

export const AUTHENTICATOR_OCTETS = 16;
const AUTHENTICATOR_OFFSET = 4;
const ZEROS = Buffer.alloc(AUTHENTICATOR_OCTETS);

const hmac = createHmacMd5();
const md5 = createMd5();
/** What was computed last: whoever asks uses it before asking again. */
const digest = Buffer.alloc(AUTHENTICATOR_OCTETS);

/** Message-Authenticator as we write it: the first attribute of all (CVE-2024-3596, "Blast-RADIUS"). */
const FIRST_ATTRIBUTE_OFFSET = HEADER_OCTETS;

/**
 * RFC 3579 §3.2: HMAC-MD5 over code, identifier, length, an authenticator and the attributes, with the attribute's own
 * value as zeros. Which authenticator differs: the request's own for Access-Request and Status-Server, the request's for
 * each answer, and zeros for requests whose authenticator is a hash, since that hash is taken afterwards (RFC 5176 §3.4).
 */
function messageAuthenticator(bytes: Buffer, offset: number, authenticator: Buffer, secret: Secret): Buffer {
  hmac
    .begin(secretOctets(secret).hmac)
    .update(bytes, 0, AUTHENTICATOR_OFFSET)
    .update(authenticator)
    .update(bytes, HEADER_OCTETS, offset + ATTRIBUTE_HEADER_OCTETS)
    .update(ZEROS)
    .update(bytes, offset + MESSAGE_AUTHENTICATOR_OCTETS)
    .finish(digest, 0);
  return digest;
}

/** RFC 2865 §3, RFC 2866 §3: MD5 over code, identifier, length, an authenticator, the attributes and the secret. */
function packetHash(bytes: Buffer, authenticator: Buffer, secret: Secret): Buffer {
  md5
    .begin()
    .update(bytes, 0, AUTHENTICATOR_OFFSET)
    .update(authenticator)
    .update(bytes, HEADER_OCTETS)
    .update(secretOctets(secret).octets)
    .finish(digest, 0);
  return digest;
}

/** The authenticator that a request's Message-Authenticator covers. */
function coveredAuthenticator(request: Buffer): Buffer {
  return isNonceRequest(request) ? request.subarray(AUTHENTICATOR_OFFSET, HEADER_OCTETS) : ZEROS;
}

function isNonceRequest(request: Buffer): boolean {
  return request[0] === CODE_NUMBERS["Access-Request"] || request[0] === CODE_NUMBERS["Status-Server"];
}

/** Whether the Message-Authenticator at `offset` of a request is that of someone who knows the secret. */
export function requestMessageAuthenticatorHolds(request: Buffer, offset: number, secret: Secret): boolean {
  const expected = messageAuthenticator(request, offset, coveredAuthenticator(request), secret);
  return timingSafeEqual(expected, messageAuthenticatorAt(request, offset));
}

/** The same for an answer to the request that had `requestAuthenticator`. */
export function responseMessageAuthenticatorHolds(
  response: Buffer,
  offset: number,
  requestAuthenticator: Buffer,
  secret: Secret,
): boolean {
  const expected = messageAuthenticator(response, offset, requestAuthenticator, secret);
  return timingSafeEqual(expected, messageAuthenticatorAt(response, offset));
}

function messageAuthenticatorAt(bytes: Buffer, offset: number): Buffer {
  return bytes.subarray(offset + ATTRIBUTE_HEADER_OCTETS, offset + MESSAGE_AUTHENTICATOR_OCTETS);
}

/** RFC 2866 §3, RFC 5176 §2.3: the Request Authenticator of Accounting-, CoA- and Disconnect-Request. */
export function requestAuthenticatorHolds(request: Buffer, secret: Secret): boolean {
  return timingSafeEqual(packetHash(request, ZEROS, secret), request.subarray(AUTHENTICATOR_OFFSET, HEADER_OCTETS));
}

/** RFC 2865 §3: the Response Authenticator. */
export function responseAuthenticatorHolds(response: Buffer, requestAuthenticator: Buffer, secret: Secret): boolean {
  const expected = packetHash(response, requestAuthenticator, secret);
  return timingSafeEqual(expected, response.subarray(AUTHENTICATOR_OFFSET, HEADER_OCTETS));
}

/**
 * Signs an encoded request in place. Its Message-Authenticator, where it has one, is its first attribute; the nonce of an
 * Access-Request or Status-Server is already in its header.
 */
export function signRequest(request: Buffer, secret: Secret): void {
  signMessageAuthenticator(request, coveredAuthenticator(request), secret);
  if (!isNonceRequest(request)) packetHash(request, ZEROS, secret).copy(request, AUTHENTICATOR_OFFSET);
}

/** Signs an encoded answer in place: Message-Authenticator first, for the Response Authenticator covers it. */
export function signResponse(response: Buffer, requestAuthenticator: Buffer, secret: Secret): void {
  signMessageAuthenticator(response, requestAuthenticator, secret);
  packetHash(response, requestAuthenticator, secret).copy(response, AUTHENTICATOR_OFFSET);
}

function signMessageAuthenticator(bytes: Buffer, authenticator: Buffer, secret: Secret): void {
  if (bytes[FIRST_ATTRIBUTE_OFFSET] !== ATTRIBUTE.MessageAuthenticator) return;
  messageAuthenticator(bytes, FIRST_ATTRIBUTE_OFFSET, authenticator, secret).copy(
    bytes,
    FIRST_ATTRIBUTE_OFFSET + ATTRIBUTE_HEADER_OCTETS,
  );
}
