/** FreeRADIUS as its own documentation would have it for MAC authentication with a record of each, and for EAP-TLS. */
import type { CertifiedKey } from "../../simulators/certificates.ts";
import { CLIENTS, macOf, VLAN } from "../load/requests.ts";
import { query } from "./database.ts";
import type { FreeRadiusSetup } from "./freeradius.ts";

/** The rows that both ways of MAC authentication stand on: its clients, and the table of its own schema for records. */
export async function fillFreeRadius(databaseUrl: string): Promise<void> {
  await query(databaseUrl, "create table device (mac text primary key, vlan text not null)");
  await query(
    databaseUrl,
    `insert into device select 'a483e7' || lpad(to_hex(i), 6, '0'), '${VLAN}' from generate_series(0, ${CLIENTS - 1}) as i`,
  );
  await query(
    databaseUrl,
    `create table radpostauth (id bigserial primary key, username text not null, pass text, reply text,
      calledstationid text, callingstationid text, authdate timestamptz not null default now(), class text);
    create index on radpostauth (username);
    create index on radpostauth (class);
    analyze`,
  );
}

/** rlm_sql at its best: one query by primary key for the client, one insert for the record. */
export const oneQuery = (databaseUrl: string) => (): FreeRadiusSetup => ({
  name: "FreeRADIUS, one query and insert",
  modules: `
  always reject {
    rcode = reject
  }
  pap {
  }
${sqlModule(databaseUrl)}`,
  sections: `
  authorize {
    update control {
      &Tmp-String-0 := "%{sql:SELECT vlan FROM device WHERE mac = '%{User-Name}'}"
    }
    if (&control:Tmp-String-0 == "") {
      reject
    }
    update control {
      &Cleartext-Password := "%{User-Name}"
    }
    update reply {
      ${replyItems('"%{control:Tmp-String-0}"').join("\n      ")}
    }
    pap
  }
${AUTHENTICATE_AND_RECORD}`,
});

/** No query at all: clients in memory from a users file; the record is the one insert. */
export const usersFile =
  (databaseUrl: string) =>
  (folder: string): FreeRadiusSetup => ({
    name: "FreeRADIUS, users file and insert",
    modules: `
  pap {
  }
  files {
    filename = ${folder}/users
  }
${sqlModule(databaseUrl)}`,
    sections: `
  authorize {
    files
    pap
  }
${AUTHENTICATE_AND_RECORD}`,
    files: { users: Array.from({ length: CLIENTS }, (_, client) => userEntry(macOf(client))).join("") },
  });

const AUTHENTICATE_AND_RECORD = `
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  post-auth {
    sql
  }`;

function userEntry(mac: string): string {
  return `${mac} Cleartext-Password := "${mac}"\n\t${replyItems(`"${VLAN}"`).join(",\n\t").replaceAll(":=", "=").replaceAll("&", "")}\n`;
}

function replyItems(vlan: string): readonly string[] {
  return [
    "&Tunnel-Type := VLAN",
    "&Tunnel-Medium-Type := IEEE-802",
    `&Tunnel-Private-Group-Id := ${vlan}`,
    "&Session-Timeout := 28800",
    "&Termination-Action := RADIUS-Request",
    "&Acct-Interim-Interval := 600",
    "&Class := 0x6e61633a703d313230",
  ];
}

function sqlModule(databaseUrl: string): string {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const login = `dbname=${pathname.slice(1)} host=${hostname} port=${port} user=${username} password=${password}`;
  return `
  sql {
    driver = "rlm_sql_postgresql"
    dialect = "postgresql"
    radius_db = "${login}"
    read_clients = no
    read_groups = no
    sql_user_name = "%{User-Name}"
    safe_characters = "@abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_: /"
    pool {
      start = 5
      min = 3
      max = 32
      spare = 10
      uses = 0
      lifetime = 0
      idle_timeout = 0
    }
    post-auth {
      query = "INSERT INTO radpostauth (username, pass, reply, calledstationid, callingstationid, authdate) VALUES ('%{User-Name}', '%{User-Password}', '%{reply:Packet-Type}', '%{Called-Station-Id}', '%{Calling-Station-Id}', now())"
    }
  }`;
}

/** The eap module with our certificates. It records nothing, which is in its favour. */
export const eapTls =
  (server: CertifiedKey, authorityPem: string) =>
  (folder: string): FreeRadiusSetup => ({
    name: "FreeRADIUS, EAP-TLS",
    modules: `
  eap {
    default_eap_type = tls
    max_sessions = 16384
    tls-config tls-common {
      private_key_file = ${folder}/server.key
      certificate_file = ${folder}/server.pem
      ca_file = ${folder}/ca.pem
      tls_min_version = "1.2"
      tls_max_version = "1.3"
      cache {
        enable = no
      }
    }
    tls {
      tls = tls-common
    }
  }`,
    sections: `
  authorize {
    eap
  }
  authenticate {
    eap
  }
  post-auth {
    update reply {
      ${replyItems(`"${VLAN}"`).join("\n      ")}
    }
  }`,
    files: { "server.key": server.keyPem, "server.pem": server.certificatePem, "ca.pem": authorityPem },
  });
