import { readFile } from 'node:fs/promises';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { EpochChain } from '../crypto/public/epoch-chain.ts';
import { fits } from '../protocol/codec/codec.ts';
import { describeFault, quoted } from '../protocol/codec/fault.ts';
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
  const value = json(text);
  if (fits(RosterFile, value)) return value;
  const unsigned = withoutSignatures(value);
  if (unsigned !== null) throw notSigned(path, unsigned);
  if (value === undefined) {
    throw new CordonError('ROSTER_INVALID', {
      expected: `a roster file in JSON at ${path}: { "epochs": [...] }`,
      got: text.trim() === '' ? 'an empty file' : 'text that is not JSON',
      next: 'get the roster file from the consortium',
    });
  }
  throw new CordonError('ROSTER_INVALID', {
    ...describeFault(RosterFile, value, { what: `roster file ${path}`, show: quoted }),
    next:
      'get the roster file from the consortium; whoever writes it corrects this field (lists count from 0; ' +
      'docs/configuration.md, "Roster file") and has what changed of a roster signed again',
  });
}

/** Undefined, which JSON cannot say, for text that is no JSON. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What of a chain is there without its signatures, or null where it is something else. */
function withoutSignatures(value: unknown): string | null {
  if (isRoster(value)) return 'a roster that nobody has signed';
  if (!isObject(value)) return null;
  const { epochs, roster } = value;
  if (isRoster(roster)) return 'one epoch of a chain';
  const unsigned = Array.isArray(epochs) ? epochs.findIndex(isRoster) : -1;
  return unsigned < 0 ? null : `a roster that nobody has signed as epoch ${unsigned}`;
}

function isRoster(value: unknown): boolean {
  return isObject(value) && 'consortium' in value && 'members' in value && 'threshold' in value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function notSigned(path: string, got: string): CordonError {
  const detail = {
    expected: `a signed chain of epochs at ${path}: { "epochs": [{ "roster": ..., "signatures": [...] }, ...] }`,
    got,
    next:
      'have the roster signed: the first one by all of its members, a later one by members of the epoch before; ' +
      'then put it into the chain (docs/configuration.md, "Roster file")',
  };
  return new CordonError('ROSTER_INVALID', detail);
}
