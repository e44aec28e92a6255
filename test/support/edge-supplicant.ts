import { parseMac } from "../../domain/mac-address.ts";
import type { RunningEdge } from "../../radius-edge/main.ts";
import { readEapMessage, readState } from "../../radius-edge/wire/attribute-readers.ts";
import {
  writeCallingStationId,
  writeEapMessage,
  writeState,
  writeUserName,
} from "../../radius-edge/wire/attribute-writers.ts";
import type { Packet } from "../../radius-edge/wire/packet.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { Supplicant } from "../../simulators/supplicant.ts";
import type { SupplicantProfile } from "../../simulators/supplicant.ts";
import { NAS_SECRET } from "./edge.ts";

const MAC = parseMac("a4:83:e7:00:21:01")!;

/** How an authentication ended. */
export interface Ended {
  /** The edge's last answer. */
  readonly packet: Packet;
  /** `undefined`: the client was not let in. */
  readonly resumed: boolean | undefined;
  /** For a later authentication. */
  readonly session: Buffer | undefined;
}

/** One authentication by EAP, at the NAS of this address. `betweenRounds` is awaited before each Response but the first. */
export async function authenticateAt(
  edge: RunningEdge,
  nasAddress: string,
  profile: SupplicantProfile,
  betweenRounds: (round: number) => Promise<void> = () => Promise.resolve(),
): Promise<Ended> {
  const supplicant = new Supplicant(profile);
  const radius = await openRadiusClient({ address: nasAddress, secret: NAS_SECRET });
  const place = [writeUserName(profile.identity), writeCallingStationId(MAC)];
  try {
    let eap = supplicant.identityResponse(1);
    let state: Buffer | undefined;
    for (let round = 1; ; round++) {
      const attributes = [...place, ...(state === undefined ? [] : [writeState(state)]), ...writeEapMessage(eap)];
      const answered = await radius.ask(edge.authentication, "Access-Request", attributes);
      if (answered === undefined) throw new Error("the edge gave no answer");
      const { packet } = answered;
      const said = await supplicant.answer(readEapMessage(packet)!);
      if (said.kind !== "response")
        return { packet, resumed: said.kind === "success" ? said.resumed : undefined, session: supplicant.session };
      ({ eap } = said);
      state = readState(packet);
      await betweenRounds(round);
    }
  } finally {
    supplicant.close();
    radius.close();
  }
}
