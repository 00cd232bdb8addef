import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { Hash, closed } from '../../protocol/messages/fields.ts';

const Maybe = Type.Union([Type.Null(), Type.Number()]);

/** What one method came to with one seed: `seeds/SEED/METHOD.json`. */
export const MethodResult = Type.Object(
  {
    version: Type.Literal(1),
    /** Of all that decides the figures, beside the seed. */
    hash: Hash,
    /** The software that ran; says nothing about equality. */
    commit: Type.String(),
    seed: Type.Integer(),
    method: Type.String(),
    figures: Type.Array(Type.Object({ member: Type.String(), metric: Type.String(), value: Maybe }, closed)),
    modelHash: Type.Union([Type.Null(), Hash]),
    /** Mean loss over the members, round by round. */
    losses: Type.Array(Type.Number()),
    /** Figures over all members at some of the rounds, of federated weights. */
    curve: Type.Array(Type.Object({ round: Type.Integer(), ap: Maybe, memberRecall: Maybe }, closed)),
    /** Of weights that were trained by processes: what it took. The model had the same bits without encryption. */
    encrypted: Type.Union([
      Type.Null(),
      Type.Object(
        {
          sameBits: Type.Literal(true),
          rounds: Type.Integer(),
          /** Rounds that somebody missed: the bits were compared with those of the same contributors. */
          missing: Type.Array(
            Type.Object({ round: Type.Integer(), members: Type.Array(Type.String()) }, closed),
          ),
          /** Mean a round, of all members together. */
          bytesUp: Type.Number(),
          bytesDown: Type.Number(),
          msRound: Type.Number(),
        },
        closed,
      ),
    ]),
    /** Of somebody's own program: hash over its command and files, and those of the files. */
    program: Type.Optional(
      Type.Object(
        { hash: Hash, files: Type.Array(Type.Object({ file: Type.String(), sha256: Hash }, closed)) },
        closed,
      ),
    ),
    ms: Type.Number(),
  },
  closed,
);
export type MethodResult = Static<typeof MethodResult>;

export function resultPath(out: string, seed: number, method: string): string {
  return join(out, 'seeds', String(seed), `${method}.json`);
}

/** Whole or not at all. */
export async function writeResult(out: string, result: MethodResult): Promise<void> {
  const path = resultPath(out, result.seed, result.method);
  await makeFolder(join(path, '..'));
  await writeDurably(path, `${JSON.stringify(result, null, 1)}\n`);
}

/** The result there is, or null. @throws CordonError ENCODING_INVALID for a file that is none */
export async function readResult(out: string, seed: number, method: string): Promise<MethodResult | null> {
  const path = resultPath(out, seed, method);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const refusal = toCordonError(error);
    if (refusal.cause instanceof Error && 'code' in refusal.cause && refusal.cause.code === 'ENOENT')
      return null;
    throw refusal;
  });
  if (text === null) return null;
  try {
    return check(MethodResult, JSON.parse(text), 'result of a method');
  } catch (cause) {
    const got = cause instanceof SyntaxError ? 'no JSON' : toCordonError(cause).got;
    throw new CordonError(
      'ENCODING_INVALID',
      {
        expected: `a result of this version in ${path}`,
        got,
        next: 'remove the file; --resume makes it again',
      },
      { cause },
    );
  }
}
