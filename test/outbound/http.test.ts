import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Http, createHttp, type HttpOptions } from "../../outbound/http.ts";
import { createAuthority } from "../../simulators/certificates.ts";

const servers: Server[] = [];
const clients: Http[] = [];

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(options: Partial<HttpOptions> = {}): Http {
  const http = createHttp({ allowedNetworks: [], guard: true, ...options });
  clients.push(http);
  return http;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(clients.splice(0).map((http) => http.close()));
});

const LOOPBACK = { allowedNetworks: ["127.0.0.0/8"] };

describe("an exchange", () => {
  test("carries method, headers and body there, and status, headers and text back", async () => {
    const url = await serve((request, reply) => {
      request.setEncoding("utf8");
      let body = "";
      request.on("data", (part: string) => (body += part));
      request.on("end", () =>
        reply.writeHead(201, { "X-Seen": ["a", "b"] }).end(`${request.method} ${request.url} ${body} é`),
      );
    });
    const answer = await client(LOOPBACK).request({ method: "POST", url: `${url}/p?q=1`, body: "hello" });
    expect(answer).toMatchObject({
      kind: "answer",
      status: 201,
      text: "POST /p?q=1 hello é",
      headers: { "x-seen": "a, b" },
    });
  });

  test("never follows a redirect: it could lead anywhere, token in hand", async () => {
    let visited = false;
    const elsewhere = await serve((_request, reply) => {
      visited = true;
      reply.end();
    });
    const url = await serve((_request, reply) => reply.writeHead(302, { location: elsewhere }).end());
    expect(await client(LOOPBACK).request({ method: "GET", url })).toMatchObject({ kind: "answer", status: 302 });
    expect(visited).toBe(false);
  });

  test("ends at its deadline when no answer comes", async () => {
    const url = await serve(() => undefined);
    const answer = await client(LOOPBACK).request({ method: "GET", url, deadlineMs: 50 });
    expect(answer).toMatchObject({ kind: "failed", cause: "deadline" });
  });

  test("ends at its deadline when the answer begins and never ends: the deadline spans the whole exchange", async () => {
    const url = await serve((_request, reply) => reply.write("one octet, then silence"));
    const answer = await client(LOOPBACK).request({ method: "GET", url, deadlineMs: 50 });
    expect(answer).toMatchObject({ kind: "failed", cause: "deadline" });
  });

  test("stops reading an answer that outgrows its cap, announced or not", async () => {
    const url = await serve((request, reply) => {
      const flood = (): void => void reply.write("x".repeat(65_536), () => !reply.destroyed && flood());
      if (request.url === "/announced") reply.setHeader("content-length", 1e12);
      flood();
    });
    for (const path of ["/announced", "/chunked"]) {
      const answer = await client(LOOPBACK).request({ method: "GET", url: url + path, maxBytes: 100_000 });
      expect(answer).toMatchObject({ kind: "failed", cause: "tooLarge" });
    }
  });

  test("takes an answer of exactly the cap", async () => {
    const url = await serve((_request, reply) => reply.end("x".repeat(1_000)));
    const answer = await client(LOOPBACK).request({ method: "GET", url, maxBytes: 1_000 });
    expect(answer).toMatchObject({ kind: "answer", status: 200 });
  });

  test("names a refused connection, and a connection closed in the middle", async () => {
    const url = await serve((request) => request.socket.destroy());
    const http = client(LOOPBACK);
    expect(await http.request({ method: "GET", url })).toMatchObject({ kind: "failed", cause: "network" });
    servers.at(-1)!.close();
    const refused = await http.request({ method: "GET", url });
    expect(refused).toMatchObject({ kind: "failed", cause: "network", code: "ECONNREFUSED" });
    expect(refused).toHaveProperty("detail", expect.stringContaining("the connection was refused"));
  });

  test.each(["", "host", "ftp://host/", "file:///etc/passwd"])("says that %p is no URL to call", async (url) => {
    expect(await client(LOOPBACK).request({ method: "GET", url })).toMatchObject({ kind: "failed", cause: "network" });
  });
});

describe("the guard", () => {
  // Literals never reach the lookup, names never reach the check of literals: each spelling needs its own proof.
  test.each(["127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "localhost"])(
    "refuses loopback spelled %s",
    async (host) => {
      let reached = false;
      const url = await serve((_request, reply) => {
        reached = true;
        reply.end();
      });
      const { port } = new URL(url);
      for (const scheme of ["http", "https"]) {
        const answer = await client().request({ method: "GET", url: `${scheme}://${host}:${port}/` });
        expect(answer).toMatchObject({ kind: "failed", cause: "blockedAddress" });
      }
      expect(reached).toBe(false);
    },
  );

  test("refuses plain http to a public address, and before anything is sent", async () => {
    const answer = await client(LOOPBACK).request({ method: "GET", url: "http://1.1.1.1/" });
    expect(answer).toMatchObject({ kind: "failed", cause: "blockedAddress" });
  });

  test("lets a name through that resolves into an allowed network", async () => {
    const url = await serve((_request, reply) => reply.end("here"));
    const { port } = new URL(url);
    const answer = await client(LOOPBACK).request({ method: "GET", url: `http://localhost:${port}/` });
    expect(answer).toMatchObject({ kind: "answer", text: "here" });
  });

  test("is off for our own edges", async () => {
    const url = await serve((_request, reply) => reply.end("edge"));
    expect(await client({ guard: false }).request({ method: "GET", url })).toMatchObject({
      kind: "answer",
      text: "edge",
    });
  });
});

describe("TLS", () => {
  test("an unknown authority is refused with the way out; with PORTCULLIS_MDM_CA_FILE's contents it is trusted", async () => {
    const authority = await createAuthority("Campus CA");
    const { certificatePem, keyPem } = await authority.issue({
      commonName: "localhost",
      sanDns: ["localhost"],
      eku: "server",
    });
    const server = createTlsServer({ cert: certificatePem, key: keyPem }, (_request, reply) => reply.end("secure"));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const stranger = await client(LOOPBACK).request({ method: "GET", url });
    expect(stranger).toMatchObject({ kind: "failed", cause: "tls" });
    expect(stranger).toHaveProperty("detail", expect.stringContaining("PORTCULLIS_MDM_CA_FILE"));
    const trusting = client({ ...LOOPBACK, caPem: authority.certificatePem });
    expect(await trusting.request({ method: "GET", url })).toMatchObject({ kind: "answer", text: "secure" });
    const wrongName = url.replace("localhost", "127.0.0.1");
    expect(await trusting.request({ method: "GET", url: wrongName })).toMatchObject({
      kind: "failed",
      cause: "tls",
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });
});

describe("a download", () => {
  test("carries octets as they are, up to its limit", async () => {
    const octets = Buffer.from([0x30, 0x80, 0xff, 0x00, 0xc3]);
    const url = await serve((_request, reply) => reply.end(octets));
    expect(await client(LOOPBACK).download({ url })).toMatchObject({ kind: "answer", status: 200, octets });
    expect(await client(LOOPBACK).download({ url, maxBytes: 4 })).toMatchObject({ kind: "failed", cause: "tooLarge" });
  });

  test("goes over plain http to public addresses, where a request with secrets does not, and to no private one", async () => {
    const url = await serve((_request, reply) => reply.end("internal"));
    expect(await client().download({ url })).toMatchObject({ kind: "failed", cause: "blockedAddress" });
    // Public; whether anybody answers there within a millisecond is not the question.
    const elsewhere = "http://198.41.0.4:9/";
    const refused = { kind: "failed", cause: "blockedAddress" };
    expect(await client().request({ method: "GET", url: elsewhere })).toMatchObject(refused);
    expect(await client().download({ url: elsewhere, deadlineMs: 1 })).not.toMatchObject(refused);
  });
});
