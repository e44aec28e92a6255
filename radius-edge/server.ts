import type { Socket } from "node:dgram";
import { once } from "node:events";
import type { Log } from "../runtime/log.ts";
import type { Dispatch } from "./dispatch.ts";
import { createDuplicates } from "./duplicates.ts";
import type { Envelope } from "./envelope.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import type { Entrance, Service } from "./reception.ts";
import type { Snapshot } from "./snapshot.ts";
import { addressOf, answerTo, bindUdp } from "./udp-socket.ts";
import { readNasIdentifier } from "./wire/attribute-readers.ts";

export interface RadiusServer {
  /** `host:port`. */
  readonly authentication: string;
  readonly accounting: string;
  /** Takes no new requests, answers those in hand, closes the sockets. */
  close(): Promise<void>;
}

export interface RadiusServerOptions {
  readonly host: string;
  readonly authenticationPort: number;
  readonly accountingPort: number;
  /** Whether other processes may listen on the same ports. */
  readonly sharesPorts?: boolean;
  readonly sockets?: InheritedSockets | undefined;
  readonly dispatch: Dispatch;
  readonly envelope: Envelope;
  readonly snapshot: Pick<Snapshot, "findNas">;
  readonly log: Log;
}

/** The two RADIUS sockets over UDP. */
export async function startRadiusServer(options: RadiusServerOptions): Promise<RadiusServer> {
  const { host, sharesPorts: isShared, sockets, dispatch, envelope, snapshot, log } = options;
  const listen = async (service: Service, port: number, variable: string): Promise<Socket> => {
    const entrance: Entrance = {
      duplicates: createDuplicates(),
      serves: service,
      nasOf: (packet, address) => snapshot.findNas(address, () => readNasIdentifier(packet)),
      verify: (packet, nas, now) => envelope.verify(packet, nas, now),
    };
    const place = { host, port, variable, isShared, fd: sockets?.[service] };
    const socket: Socket = await bindUdp(place, (datagram, remote) => {
      void dispatch.answer(entrance, datagram, remote).then((answer) => {
        if (Buffer.isBuffer(answer)) answerTo(remote, answer, socket);
      });
    });
    socket.on("error", (error) => log.error({ err: error, service }, "a RADIUS socket failed"));
    return socket;
  };
  const authentication = await listen("authentication", options.authenticationPort, "PORTCULLIS_AUTH_PORT");
  const accounting = await listen("accounting", options.accountingPort, "PORTCULLIS_ACCT_PORT").catch(
    (error: unknown) => {
      authentication.close();
      throw error;
    },
  );
  return {
    authentication: addressOf(authentication),
    accounting: addressOf(accounting),
    async close() {
      await dispatch.drain();
      for (const socket of [authentication, accounting]) {
        socket.close();
        await once(socket, "close");
      }
    },
  };
}
