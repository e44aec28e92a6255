import { secret } from "../../../domain/secret.ts";
import {
  readEventTimestampMs,
  readAcctSessionId,
  readCiscoAvPairs,
} from "../../../radius-edge/wire/attribute-readers.ts";
import { writeAcctSessionId, writeCiscoAvPair, writeErrorCause } from "../../../radius-edge/wire/attribute-writers.ts";
import {
  buildDynamicAuthorization,
  readDynamicAuthorizationAnswer,
} from "../../../radius-edge/wire/dynamic-authorization.ts";
import type { DynamicAuthorizationDraft } from "../../../radius-edge/wire/dynamic-authorization.ts";
import { describeErrorCause, ERROR_CAUSE } from "../../../radius-edge/wire/error-cause.ts";
import { buildResponse, verifyRequest } from "../../../radius-edge/wire/exchange.ts";
import type { ResponseDraft } from "../../../radius-edge/wire/exchange.ts";
import { bytesOf, packetOf, SECRET } from "./make.ts";

const SENT_AT = 1_700_000_000_000;
const DRAFT: DynamicAuthorizationDraft = {
  code: "CoA-Request",
  identifier: 9,
  sentAt: SENT_AT,
  attributes: [writeAcctSessionId("4FECC41E"), writeCiscoAvPair("subscriber:command=reauthenticate")],
};

function exchange(
  draft: DynamicAuthorizationDraft,
  response: ResponseDraft,
): readonly [answer: Buffer, request: Buffer] {
  const request = bytesOf(buildDynamicAuthorization(draft, SECRET));
  return [bytesOf(buildResponse(response, packetOf(request), SECRET)), request];
}

test("a CoA-Request carries Message-Authenticator, Event-Timestamp, and what it is about, and the NAS believes it", () => {
  const request = packetOf(bytesOf(buildDynamicAuthorization(DRAFT, SECRET)));
  expect(request.attributes.map(([type]) => type)).toEqual([80, 55, 44, 26]);
  expect(readEventTimestampMs(request)).toBe(SENT_AT);
  expect(readAcctSessionId(request)).toBe("4FECC41E");
  expect(readCiscoAvPairs(request)).toEqual(["subscriber:command=reauthenticate"]);
  expect(verifyRequest(request, SECRET)).toEqual({ kind: "authentic" });
});

test("the same draft makes the same bytes: a retransmission changes nothing", () => {
  expect(buildDynamicAuthorization(DRAFT, SECRET)).toEqual(buildDynamicAuthorization(DRAFT, SECRET));
});

test("acknowledged", () => {
  const coa = exchange(DRAFT, { code: "CoA-ACK", attributes: [] });
  expect(readDynamicAuthorizationAnswer(...coa, SECRET)).toEqual({ kind: "acknowledged" });
  const disconnect = exchange({ ...DRAFT, code: "Disconnect-Request" }, { code: "Disconnect-ACK", attributes: [] });
  expect(readDynamicAuthorizationAnswer(...disconnect, SECRET)).toEqual({ kind: "acknowledged" });
});

test("refused, with the NAS's reason and without", () => {
  const attributes = [writeErrorCause(ERROR_CAUSE.sessionContextNotFound)];
  const gone = exchange({ ...DRAFT, code: "Disconnect-Request" }, { code: "Disconnect-NAK", attributes });
  expect(readDynamicAuthorizationAnswer(...gone, SECRET)).toEqual({ kind: "refused", errorCause: 503 });
  const mute = exchange(DRAFT, { code: "CoA-NAK", attributes: [] });
  expect(readDynamicAuthorizationAnswer(...mute, SECRET)).toEqual({ kind: "refused", errorCause: undefined });
});

test("an answer of the other kind, or by someone without the secret, is none", () => {
  const request = bytesOf(buildDynamicAuthorization(DRAFT, SECRET));
  const answerOf = (response: ResponseDraft, by = SECRET) => bytesOf(buildResponse(response, packetOf(request), by));
  expect(readDynamicAuthorizationAnswer(answerOf({ code: "Disconnect-ACK", attributes: [] }), request, SECRET)).toEqual(
    {
      kind: "drop",
      reason: "not-awaited",
    },
  );
  const forged = answerOf({ code: "CoA-ACK", attributes: [] }, secret("another"));
  expect(readDynamicAuthorizationAnswer(forged, request, SECRET)).toMatchObject({
    reason: "response-authenticator-wrong",
  });
  expect(readDynamicAuthorizationAnswer(Buffer.alloc(3), request, SECRET)).toMatchObject({ reason: "too-short" });
});

test("Error-Causes by name", () => {
  expect(describeErrorCause(503)).toBe("503 Session Context Not Found");
  expect(describeErrorCause(999)).toBe("999 (unknown Error-Cause)");
  expect(describeErrorCause(undefined)).toBe("no Error-Cause");
});
