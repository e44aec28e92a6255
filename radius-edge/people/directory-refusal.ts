/** Result codes of RFC 4511 appendix A.2 by which servers say that this user may not come in, whoever asks. */
const REFUSALS: Readonly<Record<number, string>> = {
  19: "the directory's password rules keep the user out", // constraintViolation: locked, at 389 Directory Server
  32: "the entry is gone", // noSuchObject
  48: "the entry has no password", // inappropriateAuthentication
  49: "the password is wrong, or the account is locked", // invalidCredentials
  53: "the directory does not let the user in", // unwillingToPerform: a deactivated account
};

/** Active Directory gives a Windows error (winerror.h), in hexadecimal, within the diagnostic message of code 49. */
const WINDOWS_ERRORS: Readonly<Record<string, string>> = {
  "525": "the user is gone",
  "52e": "the password is wrong",
  "530": "the user may not log on at this time",
  "531": "the user may not log on from here",
  "532": "the password has expired",
  "533": "the account is disabled",
  "701": "the account has expired",
  "773": "the password must be changed first",
  "775": "the account is locked",
};

/** Why a bind was refused, in words, where that is the user's matter; `undefined` where it says nothing of the user. */
export function refusalOf(resultCode: number, diagnosticMessage: string): string | undefined {
  const windows = /\bdata ([0-9a-f]{3,8})\b/i.exec(diagnosticMessage)?.[1]?.toLowerCase();
  return (resultCode === 49 && windows !== undefined && WINDOWS_ERRORS[windows]) || REFUSALS[resultCode];
}
