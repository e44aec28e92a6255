import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { Extension, X509CertificateGenerator } from "@peculiar/x509";
import fc from "fast-check";
import { readCertificate } from "../../../radius-edge/eap/certificate.ts";

/** GeneralName, RFC 5280 §4.2.1.6: the octet of each tag, and where its names go; `undefined`: nowhere. */
const KINDS = [
  { tag: 0x82, field: "sanDns" },
  { tag: 0x86, field: "sanUri" },
  { tag: 0x81, field: "sanEmail" },
  { tag: 0xa0, field: "sanUpn" },
  { tag: 0x88, field: undefined }, // registeredID
  { tag: 0x87, field: undefined }, // iPAddress
] as const;
type Kind = (typeof KINDS)[number];
type Name = readonly [Kind, string];

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
let keys: webcrypto.CryptoKeyPair;
beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
});

function der(tag: number, content: Uint8Array): Buffer {
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

/** otherName 1.3.6.1.4.1.311.20.2.3, with a UTF8String in an explicit tag. */
const UPN_OID = Buffer.from("060a2b060104018237140203", "hex");
function encoded([{ tag, field }, text]: Name): Buffer {
  if (field === "sanUpn") return der(tag, Buffer.concat([UPN_OID, der(0xa0, der(0x0c, Buffer.from(text)))]));
  if (tag === 0x88) return Buffer.from("88022a03", "hex");
  if (tag === 0x87) return der(tag, Buffer.from([10, 0, 0, text.length & 0xff]));
  return der(tag, Buffer.from(text, "latin1"));
}

async function certificateWith(san: Uint8Array): Promise<Buffer> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: [{ CN: ["mac-01"] }],
    signingAlgorithm: algorithm,
    keys,
    extensions: [new Extension("2.5.29.17", false, new Uint8Array(san))],
  });
  return Buffer.from(certificate.rawData);
}

/** What an attacker would write: separators of every display form, NULs, and the beginnings of other kinds. */
const DECOYS = ["a", ",", ", ", "\0", "DNS:", "URI:", "email:", "othername: UPN:", '"', "\\", "\n", "/", "=", "+"];
const IDS = ["d20e0f3d-66af-4b92-b31e-1da394df1e88", "tag:microsoft.com,2022-09-14:sid:S-1-5-21-1-2-3-500"];
const parts = fc.constantFrom(...DECOYS, ...IDS);
const text = fc.array(parts, { minLength: 1, maxLength: 4 }).map((list) => list.join(""));

test("whatever a name holds, it is one name of its own kind, and forges none of another", async () => {
  const names = fc.array(fc.tuple(fc.constantFrom(...KINDS), text), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(names, async (list) => {
      const san = der(0x30, Buffer.concat(list.map(encoded)));
      const read = readCertificate(await certificateWith(san));
      for (const field of ["sanDns", "sanUri", "sanEmail", "sanUpn"] as const) {
        const given = list.filter(([kind]) => kind.field === field).map(([, value]) => value);
        expect(read?.[field]).toEqual(given);
      }
    }),
    { numRuns: 150 },
  );
});

test("octets that are no text make a name of their own kind, or no readable certificate, and never another's name", async () => {
  const octets = fc.uint8Array({ minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(octets, async (content) => {
      const read = readCertificate(await certificateWith(der(0x30, der(0x86, content))));
      expect([read?.sanDns ?? [], read?.sanEmail ?? [], read?.sanUpn ?? []]).toEqual([[], [], []]);
      expect(read?.sanUri.length ?? 1).toBe(1);
    }),
    { numRuns: 80 },
  );
});
