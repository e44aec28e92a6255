import type { Socket } from "node:dgram";
import { once } from "node:events";
import { createDispatch } from "./dispatch.ts";
import type { DispatchOptions, Service } from "./dispatch.ts";
import { addressOf, bindUdp } from "./udp-socket.ts";

export interface RadiusServer {
  /** `host:port`. */
  readonly authentication: string;
  readonly accounting: string;
  /** Takes no new requests, answers those in hand, closes the sockets. */
  close(): Promise<void>;
}

export interface RadiusServerOptions extends DispatchOptions {
  readonly host: string;
  readonly authenticationPort: number;
  readonly accountingPort: number;
}

/** The two RADIUS sockets over UDP. */
export async function startRadiusServer(options: RadiusServerOptions): Promise<RadiusServer> {
  const dispatch = createDispatch(options);
  const listen = async (service: Service, port: number, variable: string): Promise<Socket> => {
    const socket: Socket = await bindUdp({ host: options.host, port, variable }, (datagram, remote) => {
      void dispatch.answer(service, datagram, remote).then((bytes) => {
        if (bytes !== undefined) socket.send(bytes, remote.port, remote.address, () => undefined);
      });
    });
    socket.on("error", (error) => options.log.error({ err: error, service }, "a RADIUS socket failed"));
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
