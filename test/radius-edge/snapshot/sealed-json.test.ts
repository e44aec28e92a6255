import fc from "fast-check";
import { reveal, secret } from "../../../domain/secret.ts";
import type { Secret } from "../../../domain/secret.ts";
import { fromSealedJson, toSealedJson } from "../../../radius-edge/snapshot/sealed-json.ts";

test("what JSON can say comes back as it was, and so do Maps, octets and secrets, however deep", () => {
  const text = fc.string();
  const value = fc.record(
    {
      plain: fc.jsonValue(),
      map: fc.array(fc.tuple(text, fc.array(text))).map((entries) => new Map(entries)),
      octets: fc.uint8Array().map((octets) => Buffer.from(octets)),
      hidden: text,
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(value, ({ hidden, ...rest }) => {
      const given = { ...rest, deep: [new Map([["key", { secret: secret(hidden) }]])] };
      const { deep, ...plain } = fromSealedJson(toSealedJson(given)) as typeof given;
      const found: Secret = deep[0]!.get("key")!.secret;
      expect(reveal(found)).toBe(hidden);
      // -0 is the one number that JSON does not know.
      expect(plain).toEqual({ ...rest, plain: JSON.parse(JSON.stringify(rest.plain)) as unknown });
    }),
  );
});

test.each([new Date(0), new Set([1]), 1n, /x/])("%p is refused rather than changed", (odd) => {
  expect(() => toSealedJson({ odd })).toThrow("odd");
});
