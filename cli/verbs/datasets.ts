import { type DatasetInspection, inspectDataset } from '../../datasets/inspect.ts';
import { renderInspection } from '../../datasets/inspect-text.ts';
import { errorText, type JsonOption, print } from '../output.ts';
import { cutRows, terminalColumns } from '../fit.ts';
import { Progress } from '../progress.ts';
import { wholeNumber } from '../usage.ts';

export interface InspectArguments extends JsonOption {
  readonly timeZone?: string;
  readonly rejects?: string;
  readonly maxRejects?: string;
}

export async function datasetsInspect(path: string, given: InspectArguments): Promise<void> {
  const progress = new Progress();
  let files = 0;
  const options = {
    ...(given.timeZone === undefined ? {} : { timeZone: given.timeZone }),
    ...(given.rejects === undefined ? {} : { rejectFile: given.rejects }),
    ...(given.maxRejects === undefined
      ? {}
      : { maxRejectShare: wholeNumber(given.maxRejects, '--max-rejects', 0, 100) / 100 }),
    onFile: () => progress.say(`Reading file ${++files}`),
  };
  const inspection = await inspectDataset(path, options).finally(() => progress.end());
  print(given.json === true, inspection, () =>
    cutRows(renderInspection(inspection), terminalColumns(process.stdout)),
  );
  endIncomplete(inspection, given.json === true);
}

/** Counts that lack a file are shown, and yet the command failed. */
function endIncomplete({ path, skipped }: DatasetInspection, json: boolean): void {
  const broken = skipped.flatMap(({ code, ...file }) => (code === undefined ? [] : { ...file, code }));
  const [first] = broken;
  if (first === undefined) return;
  process.exitCode = 1;
  if (json) return;
  const got = `${first.file}: ${first.reason}${broken.length > 1 ? `, and ${broken.length - 1} more` : ''}`;
  const expected = `every file of ${path} to be readable to its end`;
  const next = first.next ?? 'look at the skipped files';
  process.stderr.write(errorText({ code: first.code, expected, got, next }));
}
