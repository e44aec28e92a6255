/** A RADIUS server of a few lines, of wire and eap alone: what the fleet is tried against where the edge is not the subject. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Secret } from "../../domain/secret.ts";
import { openConversations } from "../../radius-edge/eap/conversations.ts";
import type { EapContext } from "../../radius-edge/eap/method.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildResponse, verifyRequest, type ResponseDraft } from "../../radius-edge/wire/exchange.ts";
import { mppeKeysOf, writeMppeKeys } from "../../radius-edge/wire/mppe-keys.ts";
import { decodePacket, type Attribute, type Packet } from "../../radius-edge/wire/packet.ts";

export interface Answerer {
  /** `host:port`, for authentication and accounting alike. */
  readonly address: string;
  /** What came, in order. */
  readonly requests: readonly Packet[];
  /** Of the next Accepts. */
  vlan: string;
  /** Datagrams to leave unanswered from now on. */
  ignore: number;
  close(): void;
}

export async function startAnswerer(secret: Secret, context: EapContext): Promise<Answerer> {
  const conversations = openConversations({ processId: 1 });
  const requests: Packet[] = [];
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const answerer = {
    address: `127.0.0.1:${socket.address().port}`,
    requests,
    vlan: "20",
    ignore: 0,
    close: () => {
      conversations.close();
      socket.close();
    },
  };
  const accept = (extra: readonly Attribute[] = []): ResponseDraft => {
    const attributes = [
      ...write.writeVlan(answerer.vlan),
      write.writeClass(Buffer.from(`in-${answerer.vlan}`)),
      ...extra,
    ];
    return { code: "Access-Accept", attributes };
  };
  async function draftFor(request: Packet): Promise<ResponseDraft> {
    if (request.code === "Accounting-Request") return { code: "Accounting-Response", attributes: [] };
    const eap = read.readEapMessage(request);
    if (eap === undefined) return accept();
    const turn = await conversations.receive({
      eap,
      nas: "a NAS",
      state: read.readState(request),
      framedMtu: undefined,
      context,
    });
    if (turn.kind === "drop") throw new Error(turn.sentence);
    const said = write.writeEapMessage(turn.eap);
    if (turn.kind === "challenge") {
      return { code: "Access-Challenge", attributes: [...said, write.writeState(turn.state)] };
    }
    if (turn.kind === "reject") return { code: "Access-Reject", attributes: said };
    return accept([...said, ...writeMppeKeys(mppeKeysOf(turn.msk), secret, request.authenticator)]);
  }
  socket.on("message", (datagram, peer) => {
    const decoded = decodePacket(datagram);
    if (decoded.kind === "drop" || verifyRequest(decoded.packet, secret).kind !== "authentic") return;
    if (answerer.ignore-- > 0) return;
    requests.push(decoded.packet);
    void draftFor(decoded.packet).then((draft) => {
      const encoded = buildResponse(draft, decoded.packet, secret);
      if (encoded.kind === "encoded") socket.send(encoded.bytes, peer.port, peer.address);
    });
  });
  return answerer;
}
