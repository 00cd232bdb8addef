import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { dirname, resolve } from 'node:path';
import Type, { type Static } from 'typebox';
import { parseConfig } from '../protocol/codec/config-text.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';
import { Ed25519Key, MemberId, closed } from '../protocol/messages/fields.ts';
import { plainText } from '../protocol/messages/text.ts';

/** The coordinator's configuration file (YAML). Paths are relative to the file. */
export const CoordinatorConfig = Type.Object(
  {
    listen: Type.Object(
      { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 0, maximum: 65535 }) },
      closed,
    ),
    /** The site's word that something else protects the line: this port has no TLS. */
    insecureTransport: Type.Optional(Type.Boolean()),
    /** Folder of the log, blobs, sums and models. */
    state: Type.String({ minLength: 1 }),
    /** File of the coordinator's own key (PEM, mode 600). */
    key: Type.String({ minLength: 1 }),
    /** Roster of the consortium (JSON). */
    roster: Type.String({ minLength: 1 }),
    operators: Type.Array(Type.Object({ id: MemberId, signKey: Ed25519Key }, closed), { maxItems: 64 }),
  },
  closed,
);
export type CoordinatorConfig = Static<typeof CoordinatorConfig>;

/** @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID */
export async function loadCoordinatorConfig(path: string): Promise<CoordinatorConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  const config = parseConfig(CoordinatorConfig, text, `coordinator configuration ${path}`);
  checkTransport(config);
  const base = dirname(resolve(path));
  return {
    ...config,
    state: resolve(base, config.state),
    key: resolve(base, config.key),
    roster: resolve(base, config.roster),
  };
}

/** Without TLS whoever listens on the line reads the tokens of connections and can act with them. */
function checkTransport({ listen: { host }, insecureTransport }: CoordinatorConfig): void {
  if (insecureTransport === true || isLoopback(host)) return;
  throw new CordonError('CONFIG_INVALID', {
    expected: 'a loopback address as listen.host, because connections are not encrypted',
    got: plainText(host, 100),
    next: 'put it behind a tunnel and say insecureTransport: true',
  });
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIPv4(host) && host.startsWith('127.');
}
