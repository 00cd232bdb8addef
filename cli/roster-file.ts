import { readFile } from 'node:fs/promises';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { EpochChain } from '../crypto/public/epoch-chain.ts';
import { check } from '../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';
import { RosterFile } from '../protocol/messages/epoch.ts';

/**
 * The roster file: a consortium's epochs, every signature checked.
 * @throws CordonError DATA_NOT_FOUND, ROSTER_INVALID; CryptoError ROSTER_INVALID, EPOCH_INVALID
 */
export async function loadChain(path: string): Promise<EpochChain> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  return EpochChain.verify(nodePrimitives, parse(path, text).epochs);
}

function parse(path: string, text: string) {
  try {
    return check(RosterFile, JSON.parse(text), 'roster file');
  } catch (cause) {
    const detail = {
      expected: `a roster file in JSON at ${path}: { "epochs": [...] }`,
      got: cause instanceof CordonError ? cause.got : 'text that is not JSON',
      next: 'get the roster file from the consortium',
    };
    throw new CordonError('ROSTER_INVALID', detail, { cause });
  }
}
