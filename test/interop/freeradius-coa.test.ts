import { reveal, secret } from "../../domain/secret.ts";
import { openCoaClient } from "../../radius-edge/coa/client.ts";
import type { CoaClient } from "../../radius-edge/coa/client.ts";
import type { CoaRequest } from "../../radius-edge/coa/exchange.ts";
import { writeAcctSessionId, writeCiscoAvPair } from "../../radius-edge/wire/attribute-writers.ts";
import { freeUdpPort, startFreeRadius } from "./freeradius.ts";
import type { FreeRadius } from "./freeradius.ts";

const SECRET = secret("of-dynamic-authorization");
let nas: FreeRadius;
let client: CoaClient;
let port: number;

beforeAll(async () => {
  port = await freeUdpPort();
  nas = await startFreeRadius(`
client edge {
  ipaddr = 127.0.0.1
  secret = ${reveal(SECRET)}
  require_message_authenticator = yes
}
server coa {
  listen {
    type = coa
    ipaddr = 127.0.0.1
    port = ${port}
  }
  recv-coa {
    if (&Acct-Session-Id == "known") {
      ok
    }
    else {
      update reply {
        Error-Cause := 503
      }
      reject
    }
  }
}`);
  client = await openCoaClient("127.0.0.1");
}, 60_000);
afterAll(async () => {
  client.close();
  await nas.close();
});

const ask = (session: string, change: Partial<CoaRequest> = {}) =>
  client.send({
    address: "127.0.0.1",
    port,
    secret: SECRET,
    code: "CoA-Request",
    attributes: [writeAcctSessionId(session), writeCiscoAvPair("subscriber:command=reauthenticate")],
    ...change,
  });

test("a CoA-Request with Cisco's reauthenticate is acknowledged", async () => {
  expect(await ask("known")).toEqual({ kind: "acknowledged" });
});

test("a Disconnect-Request is acknowledged", async () => {
  const attributes = [writeAcctSessionId("known")];
  expect(await ask("known", { code: "Disconnect-Request", attributes })).toEqual({ kind: "acknowledged" });
});

test("an unknown session is gone", async () => {
  expect(await ask("unknown")).toEqual({ kind: "sessionGone" });
});

test("a NAS with another secret says nothing", async () => {
  expect(await ask("known", { secret: secret("another") })).toEqual({ kind: "noAnswer", attempts: 3 });
}, 60_000);
