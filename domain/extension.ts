import { contentOf, DerError, elementsIn, expectElement, readElement, readOid, TAG, asciiOf } from "./der.ts";
import type { DerElement } from "./der.ts";

/** An extension of a certificate, a CRL or a CRL entry, RFC 5280 §4.1.2.9. */
export interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  /** What the octet string holds: DER. */
  readonly value: Uint8Array;
}

/** Reads `Extensions`, a SEQUENCE of them. */
export function readExtensions(bytes: Uint8Array, extensions: DerElement): readonly Extension[] {
  return [...elementsIn(bytes, extensions)].map((extension) => {
    const id = readElement(bytes, extension.content, extension.end);
    const second = readElement(bytes, id.end, extension.end);
    const hasFlag = second.tag === TAG.boolean;
    const value = hasFlag ? readElement(bytes, second.end, extension.end) : second;
    if (value.tag !== TAG.octetString) throw new DerError(`an extension without a value at ${extension.start}`);
    return {
      oid: readOid(bytes, id),
      isCritical: hasFlag && bytes[second.content] !== 0,
      value: contentOf(bytes, value),
    };
  });
}

/** IMPLICIT context tags within a DistributionPoint and its name, RFC 5280 §4.2.1.13. */
const POINT = { name: 0xa0, fullName: 0xa0 } as const;
/** GeneralName's uniformResourceIdentifier, RFC 5280 §4.2.1.6. */
const URI = 0x86;

/** The URIs in a `DistributionPointName`; a name relative to the issuer's has none. */
export function urisOf(bytes: Uint8Array, name: DerElement): readonly string[] {
  const choice = readElement(bytes, name.content, name.end);
  if (choice.tag !== POINT.fullName) return [];
  const names = [...elementsIn(bytes, choice)];
  return names.filter(({ tag }) => tag === URI).map((uri) => asciiOf(contentOf(bytes, uri)));
}

/** The URIs of the extension `cRLDistributionPoints`; none of one that is not readable. */
export function readDistributionPoints(value: Uint8Array): readonly string[] {
  try {
    const points = expectElement(value, 0, value.length, TAG.sequence);
    return [...elementsIn(value, points)].flatMap((point) => {
      const name = [...elementsIn(value, point)].find(({ tag }) => tag === POINT.name);
      return name === undefined ? [] : urisOf(value, name);
    });
  } catch (error) {
    // The certificate's serial is to be looked up all the same.
    if (error instanceof DerError) return [];
    throw error;
  }
}
