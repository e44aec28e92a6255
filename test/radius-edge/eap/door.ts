import { NAS } from "./bench.ts";
/** Conversations behind a UDP socket, for a real supplicant: wire and eap, without the edge around them. */
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { secret } from "../../../domain/secret.ts";
import { openConversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import type { EapContext } from "../../../radius-edge/eap/method.ts";
import * as read from "../../../radius-edge/wire/attribute-readers.ts";
import * as write from "../../../radius-edge/wire/attribute-writers.ts";
import { buildResponse, verifyRequest, type ResponseDraft } from "../../../radius-edge/wire/exchange.ts";
import { mppeKeysOf, writeMppeKeys } from "../../../radius-edge/wire/mppe-keys.ts";
import { decodePacket, type Packet } from "../../../radius-edge/wire/packet.ts";
import type { EapolDoor } from "../../support/eapol-test.ts";

export interface Door extends EapolDoor {
  /** What EAP said, in order, challenges included. */
  readonly turns: readonly Turn[];
  close(): void;
}

const SECRET = secret("a door's secret");

export async function openDoor(context: EapContext): Promise<Door> {
  const conversations = openConversations({ processId: 1 });
  const turns: Turn[] = [];
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  async function draftFor(request: Packet): Promise<ResponseDraft | undefined> {
    const state = read.readState(request);
    const framedMtu = read.readFramedMtu(request);
    const eap = read.readEapMessage(request) ?? Buffer.alloc(0);
    const turn = await conversations.receive({ nas: NAS, eap, state, framedMtu, context });
    turns.push(turn);
    if (turn.kind === "drop") return undefined;
    const said = write.writeEapMessage(turn.eap);
    switch (turn.kind) {
      case "challenge":
        return { code: "Access-Challenge", attributes: [...said, write.writeState(turn.state)] };
      case "reject":
        return { code: "Access-Reject", attributes: said };
      case "accept": {
        const keys = writeMppeKeys(mppeKeysOf(turn.msk), SECRET, request.authenticator);
        return { code: "Access-Accept", attributes: [...said, ...keys] };
      }
    }
  }
  async function serve(datagram: Buffer, { address, port }: RemoteInfo): Promise<void> {
    const decoded = decodePacket(datagram);
    if (decoded.kind === "drop" || verifyRequest(decoded.packet, SECRET).kind === "drop") return;
    const draft = await draftFor(decoded.packet);
    const response = draft && buildResponse(draft, decoded.packet, SECRET);
    if (response?.kind === "encoded") socket.send(response.bytes, port, address);
  }
  socket.on("message", (datagram, remote) => void serve(datagram, remote));
  return {
    server: `127.0.0.1:${socket.address().port}`,
    secret: SECRET,
    turns,
    close() {
      socket.close();
      conversations.close();
    },
  };
}
