import { secret } from "../../../domain/secret.ts";
import { ATTRIBUTE } from "../../../radius-edge/wire/attribute-type.ts";
import { writeCallingStationId, writeUserName } from "../../../radius-edge/wire/attribute-writers.ts";
import type { Attribute } from "../../../radius-edge/wire/packet.ts";
import { writeUserPassword } from "../../../radius-edge/wire/password.ts";
import { wordsOf } from "../../../radius-edge/wire/words.ts";
import { accessRequest, packetOf } from "./make.ts";

const NAME = writeUserName("a483e7112233");
const MAC = writeCallingStationId("A4-83-E7-11-22-33");
const words = (attributes: readonly Attribute[]): string | undefined => wordsOf(packetOf(accessRequest(attributes)));
const hidden = (nonce: number): Attribute =>
  writeUserPassword(secret("a483e7112233"), secret("shared"), Buffer.alloc(16, nonce));

test("two requests that differ in nonce, hidden password, signature and a proxy's notes are in the same words", () => {
  const own = (nonce: number): readonly Attribute[] => [
    hidden(nonce),
    [ATTRIBUTE.ChapPassword, Buffer.alloc(17, nonce)],
    [ATTRIBUTE.ChapChallenge, Buffer.alloc(16, nonce)],
    [ATTRIBUTE.EventTimestamp, Buffer.alloc(4, nonce)],
    [ATTRIBUTE.ProxyState, Buffer.alloc(nonce, nonce)],
  ];
  expect(words([NAME, ...own(1), MAC])).toBe(words([NAME, ...own(2), MAC]));
});

test.each<[string, readonly Attribute[]]>([
  ["another value", [NAME, writeCallingStationId("A4-83-E7-11-22-34")]],
  ["one more attribute", [NAME, MAC, [ATTRIBUTE.NasPortType, Buffer.alloc(4)]]],
  ["one less", [NAME]],
  ["another order", [MAC, NAME]],
  ["a password at all", [NAME, hidden(1), MAC]],
  ["a proxy's note at all", [NAME, MAC, [ATTRIBUTE.ProxyState, Buffer.from("a")]]],
])("%s makes other words", (_, attributes) => {
  expect(words(attributes)).not.toBe(words([NAME, MAC]));
});

test("a request that is longer than any NAS makes it is not remembered by its words", () => {
  const filler: readonly Attribute[] = Array.from({ length: 4 }, () => [
    ATTRIBUTE.ReplyMessage,
    Buffer.alloc(240, 0x61),
  ]);
  expect(words([NAME, ...filler.slice(1)])).toBeDefined();
  expect(words([NAME, MAC, ...filler, ...filler])).toBeUndefined();
});
