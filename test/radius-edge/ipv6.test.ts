import { createSocket } from "node:dgram";
import { once } from "node:events";
import { secret } from "../../domain/secret.ts";
import * as write from "../../radius-edge/wire/attribute-writers.ts";
import { buildRequest, newRequestAuthenticator, verifyResponse } from "../../radius-edge/wire/exchange.ts";
import { createNas } from "../../store/nases.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";
import { bytesOf } from "./wire/make.ts";

let running: TestEdge;
beforeAll(async () => {
  running = await startTestEdge(
    async (store) => {
      const id = await createTenant(store, { name: "Acme", nasAddress: "127.0.0.97", rules: [{ gives: [] }] });
      await createNas(store, id, { name: "IPv6", address: "::1", secret: secret("of-the-ipv6-nas"), profile: "cisco" });
    },
    { PORTCULLIS_HOST: "::" },
  );
});
afterAll(() => running.close());

test("behaviour 8.2: on one socket for both families a NAS is known by its IPv6 address or its IPv4 address, unmapped", async () => {
  const port = Number(running.edge.authentication.split(":").at(-1));
  const ask = async (from: string, shared: typeof NAS_SECRET): Promise<string | undefined> => {
    const [code, identifier, authenticator] = ["Access-Request", 1, newRequestAuthenticator()] as const;
    const mac = "A4-83-E7-00-97-01";
    const attributes = [write.writeUserName(mac), write.writeCallingStationId(mac), write.writeServiceType(10)];
    const request = bytesOf(buildRequest({ code, identifier, authenticator, attributes }, shared));
    const socket = createSocket(from.includes(":") ? "udp6" : "udp4");
    socket.bind(0, from);
    await once(socket, "listening");
    socket.send(request, port, from.includes(":") ? "::1" : "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    socket.close();
    const verified = verifyResponse(answer, request, shared);
    return verified.kind === "packet" ? verified.packet.code : verified.reason;
  };
  expect(await ask("127.0.0.97", NAS_SECRET)).toBe("Access-Accept");
  expect(await ask("::1", secret("of-the-ipv6-nas"))).toBe("Access-Accept");
  const rows = await running.store.db.selectFrom("evidence").select("evidence").execute();
  expect(rows.map(({ evidence }) => evidence.nas.sourceAddress).toSorted()).toEqual(["127.0.0.97", "::1"]);
});
