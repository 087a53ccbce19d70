/** Markup for the operator console: every value is escaped unless it is markup of ours already. */

export type Markup = { readonly markup: string };
type Value = string | number | Markup | null | undefined | readonly Value[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function textOf(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return 'markup' in value ? value.markup : value.map(textOf).join('');
  return String(value).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** A piece of markup. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return { markup: parts.reduce((text, part, index) => `${text}${textOf(values[index - 1])}${part}`) };
}

/** The stylesheet of the console. */
export const stylesheet = `
  :root { color-scheme: light dark; --line: #8884; --accent: #0b5cab; --on-accent: #fff; }
  @media (prefers-color-scheme: dark) { :root { --accent: #8ab8ff; --on-accent: #08192c; } }
  body { background: Canvas; color: CanvasText; font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
  header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; border-bottom: 1px solid var(--line); }
  header form { display: flex; gap: .75rem; align-items: center; margin: 0; }
  header a, main a { color: var(--accent); }
  h1 { line-height: 1.2; overflow-wrap: anywhere; }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
  form.card { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; max-width: 32rem; display: grid; gap: .75rem; }
  label { display: grid; gap: .25rem; font-weight: 600; }
  label.tick { display: flex; gap: .5rem; font-weight: 400; }
  input, textarea, button { font: inherit; padding: .4rem .6rem; min-height: 2.5rem; }
  input, textarea { min-width: 0; border: 1px solid #888; border-radius: .3rem; }
  label.tick input { min-height: 0; }
  form.card button { justify-self: start; }
  code { overflow-wrap: anywhere; font-size: 1.1em; }
  fieldset { border: 1px solid var(--line); border-radius: .3rem; }
  button { background: var(--accent); color: var(--on-accent); border: 0; border-radius: .3rem; cursor: pointer; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  [role=alert] { border-left: 4px solid #b00020; padding: .5rem 1rem; }
`;

/** A whole page. `account` is the line with the operator's name and the way out. */
export function page({ title, account, body }: { title: string; account: Markup | null; body: Markup }): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} – Stampwell operators</title>
        <link rel="stylesheet" href="/operator.css" />
      </head>
      <body>
        <header>
          <p><a href="/">Stampwell operators</a></p>
          ${account}
        </header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
}
