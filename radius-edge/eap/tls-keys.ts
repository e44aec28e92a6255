/** The key material of the methods on TLS, for both ends. */
import { EAP_TYPE } from "./packet.ts";
import type { TlsTunnel } from "./tls-tunnel.ts";

/** RFC 5247 §1.2: the MSK is at least 64 octets; the exporters give MSK and EMSK in one. */
const MSK_OCTETS = 64;
const KEY_MATERIAL_OCTETS = 128;

/** Before TLS 1.3 each method has a label of its own: RFC 5216 §2.3, RFC 5281 §8. */
const LABELS = { tls: "client EAP encryption", ttls: "ttls keying material" } as const;

/** A method on TLS, as its keys know it. */
export type TlsMethodName = keyof typeof LABELS;

/** Over TLS 1.3 one label and the method's type as context: RFC 9190 §2.3, RFC 9427 §2.1. */
export function mskOf(tunnel: TlsTunnel, method: TlsMethodName): Buffer {
  const material =
    tunnel.version === "TLSv1.3"
      ? tunnel.exportKey(KEY_MATERIAL_OCTETS, "EXPORTER_EAP_TLS_Key_Material", Buffer.from([EAP_TYPE[method]]))
      : tunnel.exportKey(KEY_MATERIAL_OCTETS, LABELS[method]);
  return material.subarray(0, MSK_OCTETS);
}
