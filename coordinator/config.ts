import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import Type, { type Static } from 'typebox';
import { parseConfig } from '../protocol/codec/config-text.ts';
import { toCordonError } from '../protocol/errors.ts';
import { Ed25519Key, MemberId, closed } from '../protocol/messages/fields.ts';

/** The coordinator's configuration file (YAML). Paths are relative to the file. */
export const CoordinatorConfig = Type.Object(
  {
    listen: Type.Object(
      { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 0, maximum: 65535 }) },
      closed,
    ),
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
  const base = dirname(resolve(path));
  return {
    ...config,
    state: resolve(base, config.state),
    key: resolve(base, config.key),
    roster: resolve(base, config.roster),
  };
}
