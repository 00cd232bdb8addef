import { CordonError } from '../../protocol/errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Without TLS whoever listens on the line can read the token of a connection and act with it, so plain HTTP beyond this
 * machine needs the site's own word that the line is protected otherwise.
 * @throws CordonError CONFIG_INVALID
 */
export function checkTransport(address: string, insecureTransport: boolean): void {
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || insecureTransport || isThisMachine(hostname)) return;
  throw new CordonError('CONFIG_INVALID', {
    expected: 'a coordinator on this machine, or https',
    got: `plain http to ${hostname}`,
    next: 'put a tunnel in between and use its local end; or say insecureTransport: true if the line is protected otherwise',
  });
}

/** Whether nobody but this machine itself can reach an address; an IPv6 address stands in brackets. */
export function isThisMachine(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
