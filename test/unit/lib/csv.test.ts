import { expect, it } from 'vitest';

import { csvLine } from '#app/lib/csv.ts';

it('a line of CSV never begins a cell that a spreadsheet would calculate', () => {
  const evil = ['=1+1', '+1', '-cmd', '@sum', '\tx', '\rx', '\nx', '=HYPERLINK("http://a","b")'];
  const cells = evil.map((cell) => csvLine([cell]).slice(0, -2));
  expect(cells).toEqual([
    "'=1+1",
    "'+1",
    "'-cmd",
    "'@sum",
    "'\tx",
    '"\'\rx"',
    '"\'\nx"',
    '"\'=HYPERLINK(""http://a"",""b"")"',
  ]);
});

it('a line of CSV keeps numbers and plain words as they are and quotes what has commas', () => {
  expect(csvLine([1, -5, '-5.00', null, 'Coffee', 'a,b', 'say "hi"'])).toBe(
    '1,-5,-5.00,,Coffee,"a,b","say ""hi"""\r\n',
  );
});
