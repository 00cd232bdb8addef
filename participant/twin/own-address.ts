/** Private (RFC 1918), link-local (RFC 3927) IPv4 addresses; unique local (RFC 4193) and link-local IPv6 ones. */
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)[\d.]+$|^f(?:[cd][\da-f]{2}|e[89ab][\da-f]):[\da-f:.]*$/;

/** True for an address that a host of this network has, as long as it is lower-case. */
export function isPrivateAddress(host: string): boolean {
  return PRIVATE.test(host);
}
