import { join } from "node:path";
import { NEWCOMER } from "./cast.ts";
import { writePrivate, type Keepsakes } from "./keepsakes.ts";

/** Writes what a person needs to authenticate a client of their own; answers with the command that does it. */
export function prepareNewcomer(folder: string, keepsakes: Keepsakes, authentication: string): string {
  const { caPem, newcomer, newcomerSecret } = keepsakes;
  const path = (name: string): string => join(folder, name);
  writePrivate(path("ca.pem"), caPem);
  writePrivate(path("client.pem"), newcomer.certificatePem);
  writePrivate(path("client.key"), newcomer.keyPem);
  // wpa_supplicant.conf(5); 802.1X without a network, as eapol_test runs it.
  const network = [
    "network={",
    "  key_mgmt=IEEE8021X",
    "  eapol_flags=0",
    "  eap=TLS",
    '  identity="newcomer"',
    `  ca_cert="${path("ca.pem")}"`,
    `  client_cert="${path("client.pem")}"`,
    `  private_key="${path("client.key")}"`,
    "}",
    "",
  ];
  writePrivate(path("eapol_test.conf"), network.join("\n"));
  const [host, port] = authentication.split(":");
  const mac = NEWCOMER.mac.toLowerCase();
  return `eapol_test -c ${path("eapol_test.conf")} -a ${host} -p ${port} -s ${newcomerSecret} -M ${mac}`;
}
