import { randomUUID } from "node:crypto";

/** A failure as UEM words it; the HTTP status beside it is the one that it travels with. */
export interface UemError {
  readonly status: number;
  readonly errorCode: number;
  readonly message: string;
}

// Codes and sentences: demisto/content, VMwareWorkspaceONEUEM test data (MIT), anonymised captures.
export const BAD_CREDENTIALS: UemError = {
  status: 401,
  errorCode: 1005,
  message: "An error occurred while validating remote service client credentials or user not found",
};
export const DEVICE_NOT_FOUND: UemError = {
  status: 404,
  errorCode: 5061,
  message: "Device not found for this request.",
};
export function unknownTenantCode(code: string): UemError {
  return { status: 403, errorCode: 1013, message: `Tenant code ${code} does not identify an Organization Group.` };
}
/** UEM refuses bad arguments so; the code of the recorded tenants is not known, the HTTP status serves as one. */
export function badArgument(message: string): UemError {
  return { status: 400, errorCode: 400, message };
}
/** The bodies of 429 and of 5xx were never recorded: these have UEM's shape, and the HTTP status as code. */
export function otherFailure(status: number): UemError {
  if (status === 401) return BAD_CREDENTIALS;
  if (status === 403) return unknownTenantCode("");
  return { status, errorCode: status, message: "An error has occurred." };
}

export function errorBody({ errorCode, message }: UemError): Record<string, unknown> {
  return { errorCode, message, activityId: randomUUID() };
}

/** UEM answers a route that it does not have, or an id in no form that it knows, with a page for people. */
export const NOT_FOUND_PAGE = `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head><title>404 - File or directory not found.</title></head>
<body><h1>Server Error</h1><h2>404 - File or directory not found.</h2>
<h3>The resource you are looking for might have been removed, had its name changed, or is temporarily unavailable.</h3></body>
</html>
`;
