import type { Settings } from "./settings.ts";

/** Paths of PEM files: the installation's RadSec certificate with its key, and the CAs whose NASes may connect. */
export interface RadsecConfig {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authoritiesFile: string;
}

/** `undefined`: RadSec is off, since nothing of it is set. */
export function radsecConfig(settings: Settings): RadsecConfig | undefined {
  const {
    PORTCULLIS_RADSEC_CERT_FILE: certificateFile,
    PORTCULLIS_RADSEC_KEY_FILE: keyFile,
    PORTCULLIS_RADSEC_CA_FILE: authoritiesFile,
  } = settings;
  return certificateFile === undefined || keyFile === undefined || authoritiesFile === undefined
    ? undefined
    : { certificateFile, keyFile, authoritiesFile };
}

/** One of the three without the others is a slip, and RadSec would be off without a word. */
export function radsecFaults(settings: Settings): string[] {
  const names = ["PORTCULLIS_RADSEC_CERT_FILE", "PORTCULLIS_RADSEC_KEY_FILE", "PORTCULLIS_RADSEC_CA_FILE"] as const;
  const missing = names.filter((name) => settings[name] === undefined);
  return missing.length === names.length
    ? []
    : missing.map((name) => `${name} is missing: RadSec needs all three files`);
}
