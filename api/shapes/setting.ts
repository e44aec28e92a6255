import type { Static } from "typebox";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { isSecret, secret } from "../../domain/secret.ts";
import type { EdgeSettings, SettingChange } from "../../store/settings.ts";
import type { Setting, SettingFields } from "../schemas/setting.ts";
import { caFault, serverCertificateFault } from "./certificates.ts";
import { parsed } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { present } from "./present.ts";

type NacFields = NonNullable<SettingFields["mist_nac"]>;

/** The setting that results when `fields` are laid over what is in force; nothing an edge could not load passes. */
export function settingChange(fields: SettingFields, inForce: EdgeSettings, now: number): Parsed<SettingChange> {
  const { cacerts = inForce.cacerts, server_cert: given, mdm, crl } = fields.mist_nac ?? {};
  const server = serverPart(given, inForce);
  const faults = [
    ...cacerts.map((pem, position) => caFault(pem, `mist_nac.cacerts[${position}]`)),
    given === undefined || server.cert === undefined
      ? undefined
      : serverCertificateFault({ ...server, cert: server.cert }, now),
    given !== undefined && server.cert === undefined && given.key !== undefined
      ? "mist_nac.server_cert.cert is missing"
      : undefined,
    ...(crl?.urls ?? []).map((url) => (URL.canParse(url) ? undefined : `mist_nac.crl.urls: "${url}" is no URL`)),
  ];
  const setting = {
    mist_nac: present({
      cacerts: [...cacerts],
      server_cert: server.cert === undefined ? undefined : { cert: server.cert },
      mdm: {
        coa_type: mdm?.coa_type ?? inForce.coaType,
        trust_mac_authentication: mdm?.trust_mac_authentication ?? inForce.trustMacAuthentication,
      },
      crl: { mode: crl?.mode ?? inForce.crl.mode, urls: [...(crl?.urls ?? inForce.crl.urls)] },
    }),
  };
  const secrets =
    given === undefined
      ? {}
      : { serverKey: isSecret(server.key) ? server.key : null, serverKeyPassword: server.password ?? null };
  return parsed({ setting, ...secrets }, faults);
}

/** An empty server_cert takes the certificate away; a certificate alone is a renewal with the key in force. */
function serverPart(given: NacFields["server_cert"], inForce: EdgeSettings) {
  if (given === undefined || Object.keys(given).length > 0) {
    const renewed = given?.key !== undefined;
    return {
      cert: given?.cert ?? inForce.serverCertificate,
      key: renewed ? secret(given.key!) : inForce.serverKey,
      password:
        given?.password !== undefined ? secret(given.password) : renewed ? undefined : inForce.serverKeyPassword,
    };
  }
  return { cert: undefined, key: undefined, password: undefined };
}

const KEPT: ReadonlySet<string> = new Set(["cacerts", "server_cert", "mdm", "crl"]);
/** Fields that clients send back as they received them. */
const ECHOED: ReadonlySet<string> = new Set(["id", "org_id", "mist_nac", "warnings", "created_time", "modified_time"]);

/** Names what was sent and has no meaning here. */
export function droppedFields(fields: SettingFields): string[] | undefined {
  const top = Object.keys(fields).filter((name) => !ECHOED.has(name));
  const nac = Object.keys(fields.mist_nac ?? {}).filter((name) => !KEPT.has(name));
  const dropped = [...top, ...nac.map((name) => `mist_nac.${name}`)];
  return dropped.length === 0 ? undefined : dropped.map((name) => `${name} has no meaning here and was not kept`);
}

export function mistSetting(
  organizationId: OrganizationId,
  inForce: EdgeSettings,
  warnings?: string[],
): Static<typeof Setting> {
  const { serverCertificate, serverKey } = inForce;
  return present({
    org_id: organizationId,
    mist_nac: present({
      cacerts: [...inForce.cacerts],
      server_cert:
        serverCertificate === undefined
          ? undefined
          : present({
              cert: serverCertificate,
              key_set: serverKey !== undefined,
              key_fault: serverKey === undefined || isSecret(serverKey) ? undefined : serverKey.unopened,
            }),
      mdm: { coa_type: inForce.coaType, trust_mac_authentication: inForce.trustMacAuthentication },
      crl: { mode: inForce.crl.mode, urls: [...inForce.crl.urls] },
    }),
    warnings,
  });
}
