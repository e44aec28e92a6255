import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reveal } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";

/** A radsecproxy that takes UDP on loopback, and passes all of it on by RadSec. */
export interface Radsecproxy {
  /** `host:port`, for authentication and accounting. */
  readonly address: string;
  close(): Promise<void>;
}

interface RadsecproxyOptions {
  /** `host:port` of the server. */
  readonly server: string;
  readonly certified: CertifiedKey;
  readonly caPem: string;
  /** Of its clients, on 127.0.0.1. */
  readonly secret: Secret;
  readonly tls: "1.2" | "1.3";
}

/** Starts radsecproxy 1.9 in the foreground, with a watchdog (RFC 5997) along each connection. */
export async function startRadsecproxy(options: RadsecproxyOptions): Promise<Radsecproxy> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-radsecproxy-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const port = await freeUdpPort();
  const { certified, caPem, tls, server, secret } = options;
  const [host, serverPort] = server.split(":");
  const configuration = `
ListenUDP 127.0.0.1:${port}
LogLevel 3
tls default {
  CACertificateFile ${file("ca.pem", caPem)}
  CertificateFile ${file("client.pem", certified.certificatePem)}
  CertificateKeyFile ${file("client.key", certified.keyPem)}
  TlsVersion TLS1_${tls.slice(2)}
}
client 127.0.0.1 {
  type udp
  secret ${reveal(secret)}
}
server edge {
  host ${host}
  type tls
  port ${serverPort}
  secret radsec
  statusServer on
  certificateNameCheck off
  matchCertificateAttribute SubjectAltName:DNS:/^radius\\.acme\\.example$/
}
realm * {
  server edge
  accountingServer edge
}
`;
  const child = spawn("radsecproxy", ["-f", "-c", file("radsecproxy.conf", configuration)], {
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` },
    stdio: "ignore",
  });
  await once(child, "spawn");
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      await stop(child);
      rmSync(folder, { recursive: true });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** One that was free a moment ago. */
async function freeUdpPort(): Promise<number> {
  const probe = createSocket("udp4");
  probe.bind(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
