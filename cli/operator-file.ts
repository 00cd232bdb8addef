import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import Type, { type Static, type TSchema } from 'typebox';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import { SigningKey } from '../crypto/identity/signing-key.ts';
import type { Roster } from '../crypto/public/roster.ts';
import { checkTransport } from '../participant/api/transport.ts';
import { Operator, type OperatorOptions } from '../participant/api/operator.ts';
import { parseConfig } from '../protocol/codec/config-text.ts';
import { toCordonError } from '../protocol/errors.ts';
import { CoordinatorUrl, MemberId, closed } from '../protocol/messages/fields.ts';
import { loadChain } from './roster-file.ts';

/** An operator's configuration file (YAML). Paths are relative to the file. */
const OperatorConfig = Type.Object(
  {
    id: MemberId,
    coordinator: CoordinatorUrl,
    key: Type.String({ minLength: 1 }),
    roster: Type.String({ minLength: 1 }),
    insecureTransport: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID, COORDINATOR_UNREACHABLE, UNAUTHENTICATED */
export async function connectOperator(
  path: string,
  handlers: Pick<OperatorOptions, 'onState' | 'onClose'> = {},
): Promise<Operator> {
  const config = await readYaml(path, OperatorConfig, 'operator configuration');
  checkTransport(config.coordinator, config.insecureTransport ?? false);
  const from = (relative: string) => resolve(dirname(resolve(path)), relative);
  const key = await SigningKey.load(from(config.key));
  return Operator.connect({
    coordinator: config.coordinator,
    id: config.id,
    sign: key.sign,
    chain: await loadChain(from(config.roster)),
    primitives: nodePrimitives,
    random: systemRandom,
    ...handlers,
  });
}

/** The roster in force by an operator's own file; nobody is asked. @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID, ROSTER_INVALID */
export async function operatorRoster(path: string): Promise<Roster> {
  const { roster } = await readYaml(path, OperatorConfig, 'operator configuration');
  return (await loadChain(resolve(dirname(resolve(path)), roster))).last;
}

/** A YAML file that follows a schema. @throws CordonError DATA_NOT_FOUND, CONFIG_INVALID */
export async function readYaml<S extends TSchema>(path: string, schema: S, what: string): Promise<Static<S>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  return parseConfig(schema, text, `${what} ${path}`);
}
