/** What the documents say of the code is where they say it is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const namedFile =
  /`((?:app|edge|flows|domain|data|workers|contracts|queries|jobs|web|lib|test|prisma)\/[\w./-]+\.ts)`/g;

describe('the documents', () => {
  it.each(documents)('%s names files that are there, and links to what exists', (file) => {
    const text = read(file);
    const missing = found(text, namedFile).filter(
      (name) => !existsSync(path.join(root, name)) && !existsSync(path.join(root, 'app', name)),
    );
    const links = found(text, /\]\(([^)#\s]+)/g).filter((link) => !/^(?:https?|mailto):/.test(link));
    const dangling = links.filter((link) => !existsSync(path.join(root, path.dirname(file), link)));
    expect({ missing, dangling }).toEqual({ missing: [], dangling: [] });
  });

  it('list every decision once, by its own title', () => {
    const index = read('docs/decisions/README.md');
    const files = readdirSync(path.join(root, 'docs/decisions')).filter((name) => /^\d{3}-/.test(name));
    expect(found(index, /\]\((\d{3}-[^)]+)\)/g).toSorted()).toEqual(files.toSorted());
    for (const file of files) {
      const title =
        read(`docs/decisions/${file}`)
          .split('\n', 1)[0]
          ?.replace(/^# \d{3} /, '') ?? '';
      expect(index.replaceAll('`', '')).toContain(`(${file}) ${title.replaceAll('`', '')}`);
    }
  });
});
