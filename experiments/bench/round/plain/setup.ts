import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { nodePrimitives } from '../../../../crypto/identity/node-primitives.ts';
import { EpochChain } from '../../../../crypto/public/epoch-chain.ts';
import { check } from '../../../../protocol/codec/codec.ts';
import { RosterFile } from '../../../../protocol/messages/epoch.ts';

/** Logs of a process, as in the deployed ones: a JSON object a line on standard error. */
export const benchLogger = (name: string) => pino({ name }, pino.destination({ fd: 2, sync: true }));

/** The consortium's epochs from its roster file. */
export async function readChain(path: string): Promise<EpochChain> {
  const { epochs } = check(RosterFile, JSON.parse(await readFile(path, 'utf8')), 'roster file');
  return EpochChain.verify(nodePrimitives, epochs);
}

/** Resolves when the bench asks for the end, or is itself gone. */
export function asked(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.stdin.once('end', resolve).resume().unref();
  });
}
