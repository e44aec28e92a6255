/** The client's end of EAP-TLS (RFC 5216, RFC 9190) and EAP-TTLS with PAP (RFC 5281), as a laptop's supplicant speaks it: EAP in, EAP out. */
import { constants } from "node:crypto";
import { connect, createSecureContext, type SecureVersion } from "node:tls";
import { decodeEap, EAP_TYPE, encodeEapMessage, type EapMessage } from "../radius-edge/eap/packet.ts";
import { isTlsStart, TlsFragments } from "../radius-edge/eap/tls-fragments.ts";
import { mskOf, type TlsMethodName } from "../radius-edge/eap/tls-keys.ts";
import { TlsTunnel, type TunnelTurn } from "../radius-edge/eap/tls-tunnel.ts";
import { writePap } from "../radius-edge/eap/ttls-pap.ts";

export interface SupplicantProfile {
  /** The outer EAP Identity. */
  readonly identity: string;
  /** PEM; both absent: a client without a certificate. */
  readonly certificatePem?: string;
  readonly keyPem?: string;
  /** Present: EAP-TTLS with this user inside, instead of EAP-TLS. */
  readonly user?: { readonly name: string; readonly password: string };
  /** PEM of the authorities trusted to vouch for the server. */
  readonly trustedCas: readonly string[];
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** Octets of type-data in one Response. */
  readonly fragmentOctets?: number;
  /** False: it resumes TLS 1.2 by session id alone. True unless told. */
  readonly keepsTickets?: boolean;
  /** A session of an earlier run, to be resumed if the server will. */
  readonly session?: Buffer;
}

export type SupplicantTurn =
  | { readonly kind: "response"; readonly eap: Buffer }
  /** The server let us in: 64 octets of MSK, equal to the server's if all went well. */
  | { readonly kind: "success"; readonly msk: Buffer; readonly tlsVersion: string; readonly resumed: boolean }
  | { readonly kind: "failure"; readonly sentence: string };

/** 1398 is wpa_supplicant's `fragment_size`. */
const DEFAULT_FRAGMENT_OCTETS = 1_398;
/** RFC 9190 §2.5: the server's promise that the handshake is over. */
const COMMITMENT = Buffer.from([0x00]);

export class Supplicant {
  readonly #profile: SupplicantProfile;
  readonly #method: TlsMethodName;
  readonly #roomOctets: number;
  readonly #fragments = new TlsFragments();
  #tunnel: TlsTunnel | undefined;
  #established = false;
  #committed = false;
  #session: Buffer | undefined;
  /** What went wrong here, before the server gave up. */
  #trouble: string | undefined;

  constructor(profile: SupplicantProfile) {
    this.#profile = profile;
    this.#method = profile.user === undefined ? "tls" : "ttls";
    this.#roomOctets = profile.fragmentOctets ?? DEFAULT_FRAGMENT_OCTETS;
  }

  /** The Identity Response by which an authenticator's own Request for it is answered. */
  identityResponse(identifier: number): Buffer {
    return respond(identifier, EAP_TYPE.identity, Buffer.from(this.#profile.identity));
  }

  /** The TLS session of this run, once established, for a later `session`. */
  get session(): Buffer | undefined {
    return this.#session;
  }

  /** Answers one EAP packet of the server. */
  async answer(eap: Buffer): Promise<SupplicantTurn> {
    const packet = decodeEap(eap);
    switch (packet.kind) {
      case "request":
        return this.#answerRequest(packet);
      case "success":
        return this.#succeed();
      case "failure":
        return this.#end("The server sent EAP-Failure.");
      case "response":
        return this.#end("A server sends no EAP Responses.");
      case "malformed":
        return this.#end(packet.sentence);
    }
  }

  close(): void {
    this.#tunnel?.destroy();
  }

  async #answerRequest({ identifier, type, typeData }: EapMessage): Promise<SupplicantTurn> {
    if (type === EAP_TYPE.identity) return { kind: "response", eap: this.identityResponse(identifier) };
    const wanted = EAP_TYPE[this.#method];
    if (type !== wanted) return { kind: "response", eap: respond(identifier, EAP_TYPE.nak, Buffer.from([wanted])) };
    const answer = (message: Buffer): SupplicantTurn =>
      this.#respondTls(identifier, this.#fragments.send(message, this.#roomOctets));
    if (isTlsStart(typeData)) {
      this.#tunnel = this.#open();
      return this.#say(await this.#tunnel.begin(), answer);
    }
    const turn = this.#fragments.receive(typeData, this.#roomOctets);
    switch (turn.kind) {
      case "send":
        return this.#respondTls(identifier, turn.typeData);
      case "message":
        return this.#tunnel === undefined
          ? this.#end("TLS before Start.")
          : this.#say(await this.#tunnel.receive(turn.bytes), answer);
      case "acknowledged":
        return this.#listened(answer);
      case "malformed":
        return this.#end(turn.sentence);
    }
  }

  async #say(turn: TunnelTurn, answer: (message: Buffer) => SupplicantTurn): Promise<SupplicantTurn> {
    if (this.#tunnel?.takeReceived().equals(COMMITMENT)) this.#committed = true;
    switch (turn.kind) {
      case "established":
        this.#established = true;
        if (this.#tunnel?.peer.code !== undefined)
          return this.#end(`The server is not trusted: ${this.#tunnel.peer.code}.`);
        return turn.bytes.length > 0 ? answer(turn.bytes) : this.#listened(answer);
      case "flight":
        return answer(turn.bytes);
      case "silent":
        return this.#listened(answer);
      case "failed":
        // RFC 5216 §2.1.3: our alert goes out, or the server's is acknowledged; EAP-Failure follows.
        this.#trouble = `TLS failed: ${turn.error.code ?? turn.error.message}.`;
        return answer(turn.bytes);
    }
  }

  /** The server has nothing more to say: an acknowledgement, or with EAP-TTLS the user's proof (RFC 5281 §7.3). */
  async #listened(answer: (message: Buffer) => SupplicantTurn): Promise<SupplicantTurn> {
    const { user } = this.#profile;
    if (user === undefined || !this.#established || this.#tunnel === undefined) return answer(Buffer.alloc(0));
    const turn = await this.#tunnel.write(writePap(user.name, user.password));
    return turn.kind === "flight" ? answer(turn.bytes) : this.#end("TLS ended before the password was sent.");
  }

  #succeed(): SupplicantTurn {
    if (this.#tunnel === undefined || !this.#established)
      return this.#end("EAP-Success before the handshake was over.");
    const { version: tlsVersion, resumed } = this.#tunnel;
    if (this.#method === "tls" && tlsVersion === "TLSv1.3" && !this.#committed)
      return this.#end("EAP-Success without the server's commitment.");
    const msk = mskOf(this.#tunnel, this.#method);
    this.close();
    return { kind: "success", msk, tlsVersion, resumed };
  }

  #end(sentence: string): SupplicantTurn {
    this.close();
    return { kind: "failure", sentence: this.#trouble ?? sentence };
  }

  #respondTls(identifier: number, typeData: Buffer): SupplicantTurn {
    return { kind: "response", eap: respond(identifier, EAP_TYPE[this.#method], typeData) };
  }

  #open(): TlsTunnel {
    const { certificatePem: cert, keyPem: key, trustedCas, session } = this.#profile;
    const { minVersion = "TLSv1.2", maxVersion = "TLSv1.3", keepsTickets = true } = this.#profile;
    const identity = cert === undefined || key === undefined ? {} : { cert, key };
    const secureContext = createSecureContext({
      ...identity,
      ca: [...trustedCas],
      minVersion,
      maxVersion,
      secureOptions: keepsTickets ? 0 : constants.SSL_OP_NO_TICKET,
      ...(isOutdated(maxVersion) ? { ciphers: OUTDATED_CIPHERS } : {}),
    });
    // The chain is judged in `#say`, as a supplicant judges it: there is no server name to compare with.
    const options = { secureContext, rejectUnauthorized: false, ...(session === undefined ? {} : { session }) };
    return new TlsTunnel("client", (wire) => {
      const socket = connect({ socket: wire, ...options });
      socket.on("session", (learned: Buffer) => (this.#session = learned));
      return socket;
    });
  }
}

/** OpenSSL's default security level forbids TLS 1.1 and older from 3.5 on (SSL_CTX_set_security_level(3)): level 0 does not. */
const OUTDATED_CIPHERS = "DEFAULT@SECLEVEL=0";

const isOutdated = (version: SecureVersion): boolean => version === "TLSv1" || version === "TLSv1.1";

function respond(identifier: number, type: number, typeData: Buffer): Buffer {
  return encodeEapMessage({ kind: "response", identifier, type, typeData });
}
