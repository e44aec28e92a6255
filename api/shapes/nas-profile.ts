import type { Static } from "typebox";
import type { NasProfileFacts } from "../../domain/nas-profile.ts";
import type { NasProfile } from "../schemas/nas-profile.ts";
import { present } from "./present.ts";

export function nasProfileAnswer(profile: NasProfileFacts): Static<typeof NasProfile> {
  return present({
    name: profile.name,
    title: profile.title,
    nas_vendor: profile.vendor ?? undefined,
    coa_port: profile.coaPort,
    minimum_firmware: profile.minimumFirmware ?? undefined,
    switch_on: profile.switchOn,
    limits: profile.limits ?? undefined,
    coa_steps: [...profile.takes],
    source: profile.source,
  });
}
