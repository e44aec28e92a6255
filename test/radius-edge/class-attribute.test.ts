import { randomBytes } from "node:crypto";
import fc from "fast-check";
import type { EventId, SessionId } from "../../domain/identifiers.ts";
import { encodeClass, readClass } from "../../radius-edge/class-attribute.ts";
import { newId } from "../support/edge-records.ts";

const KEY = randomBytes(32);
const content = { sessionId: newId<SessionId>(), decisionId: newId<EventId>() };
const ours = encodeClass(content, KEY);

test("a Class names session and decision in 41 octets, for every edge that has the key", () => {
  expect(ours).toHaveLength(41);
  expect(readClass([ours], KEY)).toEqual(content);
  expect(readClass([ours], randomBytes(32))).toBeUndefined();
});

test("of several it is the one that is ours, wherever a NAS or proxy put it", () => {
  const others = [Buffer.from("of another server"), Buffer.alloc(41, 1), Buffer.alloc(0)];
  expect(readClass([...others, ours], KEY)).toEqual(content);
  expect(readClass([ours, ...others], KEY)).toEqual(content);
  expect(readClass(others, KEY)).toBeUndefined();
  expect(readClass([], KEY)).toBeUndefined();
});

test("a Class with any octet changed, lost or added names nothing", () => {
  for (let at = 0; at < ours.length; at++) {
    const changed = Buffer.from(ours);
    changed[at] = changed[at]! ^ 0x01;
    expect(readClass([changed], KEY)).toBeUndefined();
    expect(readClass([ours.subarray(0, at)], KEY)).toBeUndefined();
  }
  expect(readClass([Buffer.concat([ours, Buffer.from([0])])], KEY)).toBeUndefined();
});

test("nobody without the key makes one: not out of the parts of two, and not out of nothing", () => {
  const second = encodeClass({ sessionId: newId<SessionId>(), decisionId: newId<EventId>() }, KEY);
  for (const cut of [1, 17, 33]) {
    expect(readClass([Buffer.concat([ours.subarray(0, cut), second.subarray(cut)])], KEY)).toEqual(
      cut === 1 ? readClass([second], KEY) : undefined, // the version is all that they share
    );
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 40 }), (rest) => {
      expect(readClass([Buffer.from([1, ...rest])], KEY)).toBeUndefined();
    }),
  );
});
