/** Files and their troubles that are not told of again. */
const MOST_TOLD = 10_000;

type Tell = (label: string, reason: string) => void;

/** Passes on what has not been said before of the same file, as far as it is remembered. */
export function toldOnce(tell: Tell): Tell {
  const told = new Set<string>();
  return (label, reason) => {
    const words = `${label} ${reason}`;
    if (told.has(words)) return;
    if (told.size >= MOST_TOLD) told.clear();
    told.add(words);
    tell(label, reason);
  };
}
