const LONGEST_TEXT = 4096;

/**
 * What is made of a text, made once: for texts of which few come over and over. Long ones are made anew each time, and of
 * many that strangers make up none is kept for long.
 *
 * @param most how many are kept
 */
export function remember<T>(make: (text: string) => T, most = 1_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text);
    if (text.length > LONGEST_TEXT) return made;
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}
