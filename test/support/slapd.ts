import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { secret } from "../../domain/secret.ts";
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { guard } from "./guardian.ts";

/** OpenLDAP's slapd with a small company in it: `SUFFIX`, below. */
export interface Slapd {
  /** StartTLS is offered on `ldap`; on `ldaps` there is TLS from the start. */
  readonly ports: { readonly ldap: number; readonly ldaps: number };
  stop(): Promise<void>;
  /** On the same ports. */
  start(): Promise<void>;
  /** Stops, and removes everything. */
  remove(): Promise<void>;
}

export const SUFFIX = "dc=acme,dc=example";
const READER = { dn: `cn=reader,${SUFFIX}`, password: "reader-password" };
/** How a directory that is registered here looks people up in it. */
export const AS_READER = {
  baseDn: SUFFIX,
  bindDn: READER.dn,
  bindPassword: secret(READER.password),
  userFilter: "(uid=%s)",
  groupAttribute: "memberOf",
};

const SLAPD = "/usr/sbin/slapd";
const run = promisify(execFile);

/**
 * Starts slapd from a copy of the program, with a configuration and a database of its own, as whoever runs the tests: the
 * system's slapd, its service and its AppArmor profile (which go by path) have no part in it.
 */
export async function startSlapd(certified: CertifiedKey): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-slapd-"));
  const guardian = guard(folder, join(folder, "slapd.pid"));
  const program = join(folder, "slapd");
  await copyFile(SLAPD, program);
  await chmod(program, 0o700);
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "certificate.pem"), certified.certificatePem);
  await writeFile(join(folder, "key.pem"), certified.keyPem, { mode: 0o600 });
  await writeFile(join(folder, "slapd.conf"), configuration(folder));
  await writeFile(join(folder, "company.ldif"), COMPANY);
  const config = ["-f", join(folder, "slapd.conf")];
  await run(program, ["-T", "add", "-q", ...config, "-l", join(folder, "company.ldif")]);
  const ports = { ldap: await freePort(), ldaps: await freePort() };
  const urls = `ldap://127.0.0.1:${ports.ldap}/ ldaps://127.0.0.1:${ports.ldaps}/`;
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    child = undefined;
  };
  const start = async (): Promise<void> => {
    child = spawn(program, [...config, "-h", urls, "-d", "0"], { stdio: "ignore" });
    await answering(ports.ldaps, child);
  };
  await start();
  const remove = async (): Promise<void> => {
    await stop();
    await rm(folder, { recursive: true });
    guardian.dismiss();
  };
  return { ports, start, stop, remove };
}

function configuration(folder: string): string {
  return `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile ${folder}/slapd.pid
TLSCertificateFile ${folder}/certificate.pem
TLSCertificateKeyFile ${folder}/key.pem
security simple_bind=128
allow bind_anon_dn
database mdb
suffix ${SUFFIX}
directory ${folder}/data
maxsize 10485760
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=${READER.dn} read by anonymous auth by * none
overlay memberof
overlay ppolicy
ppolicy_default cn=policy,${SUFFIX}
`;
}

const person = (uid: string, password: string, more = ""): string => `
dn: uid=${uid},ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
userPassword: ${password}
${more}`;

/** Ada is staff; Lou is locked; there are two Twins; Nopass has no password; `a*(b)` has an unlucky name. */
const COMPANY = `
dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
dc: acme
o: Acme

dn: ${READER.dn}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: ${READER.password}

dn: cn=policy,${SUFFIX}
objectClass: applicationProcess
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE

dn: ou=people,${SUFFIX}
objectClass: organizationalUnit
ou: people
${person("ada", "enchantress", `memberOf: cn=Wi-Fi staff,ou=groups,${SUFFIX}\nemployeeType: engineer`)}
${person("lou", "locked-out", "pwdAccountLockedTime: 000001010000Z")}
${person("josé", "contraseña")}
${person("a*(b)", "unlucky")}
${person("twin1", "twin", "mail: twin@acme.example")}
${person("twin2", "twin", "mail: twin@acme.example")}

dn: uid=nopass,ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: nopass
cn: nopass
sn: nopass
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`slapd ended with code ${child.exitCode}`);
    const socket = connect({ port, host: "127.0.0.1" });
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(20);
  }
}
