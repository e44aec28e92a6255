/** PAP within EAP-TTLS: RFC 5281 §11.2.5. */
import { type Secret, secret } from "../../domain/secret.ts";
import { type EapFailure, eapFailure } from "./failure.ts";
import { type Avp, decodeAvps, encodeAvps } from "./ttls-avps.ts";

export type PapRequest =
  | { readonly kind: "pap"; readonly userName: string; readonly password: Secret }
  | { readonly kind: "refused"; readonly failure: EapFailure };

/** Codes of RADIUS attributes, RFC 2865 §5.1, §5.2. */
const AVP = { userName: 1, userPassword: 2 } as const;

/** What else a client may send to prove its user by, RFC 5281 §11.2.1 to §11.2.4: `vendor/code`. */
const OTHER_METHODS: Readonly<Record<string, string>> = {
  "0/3": "CHAP",
  "0/60": "CHAP",
  "0/79": "EAP",
  "311/1": "MSCHAP",
  "311/11": "MSCHAP or MSCHAPv2",
  "311/25": "MSCHAPv2",
};

/** RFC 2865 §5.1: the name goes back to the NAS as User-Name, which holds 253 octets. */
const LONGEST_NAME_OCTETS = 253;
/** Far above what RADIUS itself carries (128), and cheap to judge. */
const LONGEST_PASSWORD_OCTETS = 1_024;
/** RFC 5281 §11.2.5: the password is padded to a multiple of this, which hides its length. */
const PASSWORD_BLOCK_OCTETS = 16;

/** Reads the first message within the tunnel. */
export function readPap(data: Buffer): PapRequest {
  const decoded = decodeAvps(data);
  if (decoded.kind === "malformed") return refused("protocolError", decoded.sentence);
  const { avps } = decoded;
  const other = avps.map((avp) => OTHER_METHODS[nameOf(avp)]).find((method) => method !== undefined);
  const userName = single(avps, AVP.userName);
  if (other !== undefined)
    return refused(
      "innerMethodRefused",
      `The client offers ${other} inside EAP-TTLS; only PAP is supported: choose PAP in its Wi-Fi profile.`,
    );
  const unknown = avps.find((avp) => avp.isMandatory && !isKnown(avp));
  if (unknown !== undefined)
    return refused(
      "protocolError",
      `The client insists on AVP ${nameOf(unknown)} (vendor/code), which we do not know.`,
    );
  const password = single(avps, AVP.userPassword);
  if (userName === undefined || password === undefined)
    return refused("protocolError", "The client sent no User-Name and User-Password inside EAP-TTLS, or several.");
  return pap(userName, password);
}

/** The client's end of `readPap`. */
export function writePap(userName: string, password: string): Buffer {
  const plain = Buffer.from(password);
  const padded = Buffer.alloc(Math.max(1, Math.ceil(plain.length / PASSWORD_BLOCK_OCTETS)) * PASSWORD_BLOCK_OCTETS);
  plain.copy(padded);
  return encodeAvps([
    { code: AVP.userName, vendor: 0, data: Buffer.from(userName) },
    { code: AVP.userPassword, vendor: 0, data: padded },
  ]);
}

function pap(userName: Buffer, padded: Buffer): PapRequest {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 0) end -= 1;
  const name = utf8(userName);
  const password = utf8(padded.subarray(0, end));
  if (name === undefined || name === "" || userName.length > LONGEST_NAME_OCTETS || name.includes("\0"))
    return refused("protocolError", "The user name inside EAP-TTLS is empty, too long or no UTF-8.");
  if (password === undefined || end > LONGEST_PASSWORD_OCTETS) {
    const { failure } = refused("passwordWrong", `The password of "${name}" is too long or no UTF-8.`);
    return { kind: "refused", failure: { ...failure, userName: name } };
  }
  return { kind: "pap", userName: name, password: secret(password) };
}

const nameOf = ({ vendor, code }: Avp): string => `${vendor}/${code}`;

const isKnown = ({ vendor, code }: Avp): boolean =>
  vendor === 0 && (code === AVP.userName || code === AVP.userPassword);

function single(avps: readonly Avp[], code: number): Buffer | undefined {
  const found = avps.filter((avp) => avp.vendor === 0 && avp.code === code);
  return found.length === 1 ? found[0]!.data : undefined;
}

/** The text, if these octets are UTF-8. */
function utf8(octets: Buffer): string | undefined {
  const text = octets.toString("utf8");
  return Buffer.from(text).equals(octets) ? text : undefined;
}

function refused(reason: EapFailure["reason"], sentence: string): PapRequest & { readonly kind: "refused" } {
  return { kind: "refused", failure: eapFailure(reason, sentence) };
}
