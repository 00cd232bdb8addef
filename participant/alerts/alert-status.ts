import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readIfThere, writeWhole } from '../../crypto/identity/durable-file.ts';
import { fits } from '../../protocol/codec/codec.ts';
import { closed } from '../../protocol/messages/fields.ts';

/** Name of the file in a participant's state folder. */
export const STATUS_FILE = 'alerts-status.json';

/** How often a rule has kept an event from raising an alert, and the time of the last one. */
export const Withheld = Type.Object({ events: Type.Integer(), last: Type.Number() }, closed);
export type Withheld = Static<typeof Withheld>;

/** How alerts stand, for people who ask; nothing goes by it. */
export const AlertStatus = Type.Object(
  {
    /** When it was written, milliseconds of Unix time. */
    at: Type.Number(),
    /** Whether alerts are raised: the logs of before have been taken, there is a model, and a threshold for it. */
    raising: Type.Boolean(),
    model: Type.Union([
      Type.Object({ from: Type.String(), hash: Type.String(), features: Type.String() }, closed),
      Type.Null(),
    ]),
    threshold: Type.Union([Type.Number(), Type.Null()]),
    perDay: Type.Number(),
    /** Days that the threshold is taken from, or will be. */
    days: Type.Integer(),
    /** By the id of the suppression. */
    withheld: Type.Record(Type.String(), Withheld),
  },
  closed,
);
export type AlertStatus = Static<typeof AlertStatus>;

export async function writeStatus(state: string, status: AlertStatus): Promise<void> {
  await writeWhole(join(state, STATUS_FILE), `${JSON.stringify(status)}\n`);
}

/** Null where no participant has written it, or in a form that is not known. */
export async function readStatus(state: string): Promise<AlertStatus | null> {
  const text = await readIfThere(join(state, STATUS_FILE));
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return fits(AlertStatus, value) ? value : null;
  } catch {
    return null;
  }
}
