import { shareOf, type Format } from '../format.ts';
import { lineReader, notJson } from '../input/lines.ts';
import { eventProblem, isCanonicalEvent } from './schema.ts';

/** Our own canonical events, one JSON object a line. An event that was written comes back as it was. */
export const cordonJsonl: Format = {
  name: 'cordon-jsonl',
  title: 'Canonical events of Cordon, JSON lines',
  resumable: true,

  recognise: ({ lines }) =>
    shareOf(
      lines,
      (line) =>
        line.startsWith('{') &&
        /"type":\s*"(auth|process|flow|dns|detection)"/.test(line) &&
        /"source":\s*\{/.test(line),
    ),

  open: (context) =>
    lineReader(context, (buffer, start, end) => {
      let event: unknown;
      try {
        event = JSON.parse(buffer.toString('utf8', start, end));
      } catch (error) {
        return notJson(error);
      }
      if (!isCanonicalEvent(event)) return eventProblem(event);
      context.emit(event);
      return null;
    }),
};
