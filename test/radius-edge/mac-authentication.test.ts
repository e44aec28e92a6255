import { createHash } from "node:crypto";
import { macNotations, parseMac } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import { recognizeMacAuthentication } from "../../radius-edge/mac-authentication.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, newRequestAuthenticator } from "../../radius-edge/wire/exchange.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { writeUserPassword } from "../../radius-edge/wire/password.ts";
import { bytesOf, packetOf, SECRET } from "./wire/make.ts";

const MAC = "A4-83-E7-00-00-01";
const NOTATIONS = macNotations(parseMac(MAC)!);
const CALL_CHECK = write.writeServiceType(10);
const authenticator = newRequestAuthenticator();

function recognize(...attributes: readonly Attribute[]) {
  const draft = { code: "Access-Request", identifier: 7, authenticator, attributes } as const;
  return recognizeMacAuthentication(packetOf(bytesOf(buildRequest(draft, SECRET))), SECRET);
}

const name = write.writeUserName;
const from = write.writeCallingStationId;
const password = (text: string) => writeUserPassword(secret(text), SECRET, authenticator);

/** RFC 2865 §5.3. */
function chap(text: string, challenge = authenticator): Attribute {
  return [
    3,
    Buffer.concat([Buffer.of(9), createHash("md5").update(Buffer.of(9)).update(text).update(challenge).digest()]),
  ];
}

test.each(NOTATIONS)("User-Name and User-Password %s", (notation) => {
  expect(recognize(name(notation), password(notation), from(MAC))).toEqual({ kind: "mac", userName: notation });
});

test("User-Name, password and Calling-Station-Id may each be written in another way", () => {
  for (const [i, notation] of NOTATIONS.entries()) {
    const other = NOTATIONS[(i + 7) % NOTATIONS.length]!;
    expect(recognize(name(notation), password(other), from(MAC)).kind).toBe("mac");
    expect(recognize(name(notation), chap(other), from(MAC)).kind).toBe("mac");
  }
});

test("Call-Check needs no password, and whatever there is says nothing", () => {
  expect(recognize(name(MAC), CALL_CHECK).kind).toBe("mac");
  expect(recognize(name(MAC), CALL_CHECK, password("the switch's own")).kind).toBe("mac");
  expect(recognize(name(MAC), CALL_CHECK, chap("the switch's own")).kind).toBe("mac");
  expect(recognize(CALL_CHECK, from(MAC))).toEqual({ kind: "mac", userName: MAC });
});

test("without Call-Check and password, Calling-Station-Id must repeat the address", () => {
  expect(recognize(name("a483e7000001"), from(MAC)).kind).toBe("mac");
  expect(recognize(name("a483e7000001")).kind).toBe("refused");
});

test("CHAP is read with a challenge of its own too", () => {
  const challenge = Buffer.from("sixteen octets..");
  const attributes = [name(MAC), chap("a483e7000001", challenge), from(MAC)];
  expect(recognize(...attributes, [60, challenge]).kind).toBe("mac");
  expect(recognize(...attributes).kind).toBe("refused");
});

test.each([
  ["a user and a password", [name("alice"), password("correct horse")]],
  ["a user whose password is the client's MAC", [name("alice"), password(MAC), from(MAC)]],
  ["a user under Call-Check", [name("alice"), CALL_CHECK]],
  ["a MAC with a password that is none", [name(MAC), password("correct horse"), from(MAC)]],
  ["a MAC with another MAC as password", [name(MAC), password("a483e7000002"), from(MAC)]],
  ["a MAC with an empty password", [name(MAC), password(""), from(MAC)]],
  ["a MAC with CHAP of a password that is none", [name(MAC), chap("correct horse"), from(MAC)]],
  ["CHAP of an impossible length", [name(MAC), [3, Buffer.alloc(16)] as Attribute, from(MAC)]],
  ["another client's MAC", [name(MAC), CALL_CHECK, from("a483e7000002")]],
  // An administrator's login: NAS-Port-Type Virtual (5), and whence he comes.
  [
    "a login under a MAC as name and password",
    [name(MAC), password(MAC), from("192.0.2.7"), [61, Buffer.of(0, 0, 0, 5)] as Attribute],
  ],
  ["a login of somebody who comes from nowhere", [name(MAC), chap(MAC)]],
  ["nothing", []],
])("%s is no MAC authentication", (_, attributes) => {
  expect(recognize(...attributes)).toEqual({ kind: "refused", sentence: expect.stringMatching(/\.$/) as string });
});
