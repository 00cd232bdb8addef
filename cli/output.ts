import {
  CordonError,
  ERROR_CODES,
  type ErrorDetail,
  type WireError,
  isErrorCode,
  toCordonError,
} from '../protocol/errors.ts';
import { plainText } from '../protocol/messages/text.ts';

/** What every verb takes. */
export interface JsonOption {
  readonly json?: true;
}

/** What JSON leaves as it is and a terminal may obey: control characters behind ASCII, direction of text, line ends. */
const RAW = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The same JSON with nothing in it that a terminal obeys: names in it come from logs. */
export function jsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

/** JSON, of one line or several, with the same care. */
export function escaped(json: string): string {
  return json.replace(RAW, (found) =>
    Array.from(
      { length: found.length },
      (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** One object on standard output for programs, text for people; everything else goes to standard error. */
export function print(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${jsonLine(value)}\n` : `${text()}\n`);
}

/** Says what went wrong and sets the exit code. */
export function endWith(error: unknown, json: boolean): void {
  const refusal = toCordonError(error);
  process.exitCode = refusal.exitCode;
  if (json) process.stdout.write(`${jsonLine({ error: refusal.toWire() })}\n`);
  else process.stderr.write(errorText(refusal.toWire()));
  if (refusal.code === 'INTERNAL' && process.env['CORDON_LOG'] === 'debug' && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ''}\n`);
  }
}

/** The four fields for people. They may quote files or the other side, so nothing in them reaches a terminal raw. */
export function errorText({ code, expected, got, next }: Omit<WireError, 'message'>): string {
  return [
    `error ${code}: ${ERROR_CODES[code].title}`,
    `  expected  ${plainText(expected)}`,
    `  got       ${plainText(got)}`,
    `  next      ${plainText(next)}`,
    '',
  ].join('\n');
}

/** What a coordinator reports of a failed run, as an error; a code that this version does not know becomes ROUND_FAILED. */
export function failureOf({
  code,
  expected,
  got,
  next,
}: ErrorDetail & { readonly code: string }): CordonError {
  return new CordonError(isErrorCode(code) ? code : 'ROUND_FAILED', { expected, got, next });
}
