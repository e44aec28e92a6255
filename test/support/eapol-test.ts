import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { colonMac } from "../../domain/mac-address.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { ATTRIBUTE } from "../../radius-edge/wire/attribute-type.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** Who authenticates, in the terms of wpa_supplicant.conf(5). */
export interface EapolClient {
  readonly mac: MacAddress;
  readonly method: "TLS" | "TTLS" | "PEAP" | "MD5";
  /** The highest that it offers. */
  readonly tls: TlsVersion;
  /** PEM of the authorities that may vouch for the server. */
  readonly caPem: string;
  readonly certificate?: CertifiedKey;
  /** Further lines of the network block: texts, which are quoted, and numbers. */
  readonly network: Readonly<Record<string, string | number>>;
  /** Further switches of phase1, such as `tls_disable_session_ticket=0`. */
  readonly phase1?: string;
}

/** At whose door: eapol_test is authenticator and NAS as well. */
export interface EapolDoor {
  /** `host:port`. */
  readonly server: string;
  readonly secret: Secret;
  /** Where its packets come from; by default whatever the system takes. */
  readonly from?: string;
  /** Sent in every Access-Request; they take the place of eapol_test's own where it has them. */
  readonly attributes?: readonly Attribute[];
}

export interface EapolRun {
  /** eapol_test's own judgement of the last conversation: EAP succeeded, and the MPPE keys are the supplicant's. */
  readonly succeeded: boolean;
  /** The end of each conversation: one, and one for each reauthentication. */
  readonly answers: readonly EapolAnswer[];
  /** What it printed, for the reader of a failed test. */
  readonly output: string;
}

export interface EapolAnswer {
  readonly code: "Access-Accept" | "Access-Reject" | undefined;
  /** As agreed: `TLSv1.3`. */
  readonly tls: string | undefined;
  readonly resumed: boolean;
  readonly vlan: string | undefined;
  readonly classes: readonly Buffer[];
}

/** How often each method is gone through: `npm run test:interop` says. */
export const ROUNDS = Number(process.env["PORTCULLIS_TEST_ROUNDS"] ?? 2);
const PATIENCE_SECONDS = 20;

/** Runs the supplicant of hostap once, and `reauthentications` times more with what it has learned of TLS sessions. */
export function runEapolTest(client: EapolClient, door: EapolDoor, reauthentications = 0): Promise<EapolRun> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-eapol-"));
  const [host = "", port = ""] = door.server.split(":");
  const [config, mac, secret] = [writeConfiguration(folder, client), colonMac(client.mac), reveal(door.secret)];
  const args = ["-c", config, "-a", host, "-p", port, "-s", secret, "-M", mac, "-t", String(PATIENCE_SECONDS)];
  if (door.from !== undefined) args.push("-A", door.from);
  // EAP-MD5 makes no keys, so none can be compared.
  if (client.method === "MD5") args.push("-n");
  args.push("-r", String(reauthentications), ...(door.attributes ?? []).flatMap(extraAttribute));
  return new Promise((resolve, reject) => {
    execFile("eapol_test", args, { maxBuffer: 2 ** 26 }, (error, output) => {
      rmSync(folder, { recursive: true });
      // A code of its own is an exit status; a name such as ENOENT means that it never ran.
      if (typeof error?.code === "string") return reject(error);
      resolve({ succeeded: error === null, answers: readAnswers(output), output });
    });
  });
}

function writeConfiguration(folder: string, client: EapolClient): string {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const { certificate, method, tls } = client;
  // 2.10 offers 1.3 where told only. The 1.2 below it stays: with a hole in their range OpenSSL takes the versions under it.
  const versions = `tls_disable_tlsv1_3=${tls === "TLSv1.3" ? 0 : 1}`;
  const texts = {
    ...client.network,
    ca_cert: file("ca.pem", client.caPem),
    ...(certificate && { client_cert: file("client.pem", certificate.certificatePem) }),
    ...(certificate && { private_key: file("client.key", certificate.keyPem) }),
    phase1: `${versions} ${client.phase1 ?? ""}`,
  };
  const lines = Object.entries(texts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const network = ["key_mgmt=IEEE8021X", "eapol_flags=0", `eap=${method}`, ...lines];
  return file("eapol_test.conf", `network={\n${network.join("\n")}\n}\n`);
}

/** `-N number:x:octets in hex`. */
function extraAttribute([type, value]: Attribute): readonly string[] {
  return ["-N", `${type}:x:${value.toString("hex")}`];
}

function readAnswers(output: string): readonly EapolAnswer[] {
  return output
    .split("CTRL-EVENT-EAP-STARTED")
    .slice(1)
    .map((conversation) => {
      const end = /RADIUS message: code=\d+ \((Access-Accept|Access-Reject)\).*\n((?: {3,}.*\n)*)/.exec(conversation);
      const valuesOf = (type: number) => readValues(end?.[2] ?? "", type);
      return {
        code: end?.[1] as EapolAnswer["code"],
        tls: [...conversation.matchAll(/SSL: Using TLS version (\S+)/g)].at(-1)?.[1],
        resumed: conversation.includes("OpenSSL: Handshake finished - resumed=1"),
        vlan: valuesOf(ATTRIBUTE.TunnelPrivateGroupId).map(untagged)[0],
        classes: valuesOf(ATTRIBUTE.Class),
      };
    });
}

/** RFC 2868 §3.6: an octet up to 0x1F before the text is a tag. A proxy may leave out one that says nothing. */
function untagged(value: Buffer): string {
  return value.toString("utf8", value[0]! <= 0x1f ? 1 : 0);
}

/** Octets of each attribute of a type, from lines `Attribute 25 (Class) length=43` and `Value: 0a1b…`. */
function readValues(printed: string, type: number): readonly Buffer[] {
  const values = printed.matchAll(new RegExp(`Attribute ${type} .*\\n +Value: ([0-9a-f]+)$`, "gm"));
  return [...values].map(([, hex]) => Buffer.from(hex!, "hex"));
}
