/** Longer words are asked for each time. */
const LONGEST = 256;

/** The same function, asked once a word: a log has few, but it may be made to have many, and long ones. */
export function remember<T>(of: (word: string) => T, limit = 1000): (word: string) => T {
  const known = new Map<string, T>();
  return (word) => {
    let value = known.get(word);
    if (value === undefined) {
      value = of(word);
      if (known.size < limit && word.length <= LONGEST) known.set(word, value);
    }
    return value;
  };
}
