import type { ReactNode } from 'react';

type Props = {
  title: string;
  head: string[];
  rows: ReactNode[][];
  /** Words rather than figures: they begin at the left and break. */
  isText?: boolean;
};

/** Figures below each other, first column as row headings. It scrolls by itself where a screen is too small. */
export function PlainTable({ title, head, rows, isText = false }: Props) {
  return (
    <div
      className={`chart-scroll plain-table${isText ? ' plain-table-text' : ''}`}
      tabIndex={0}
      role="region"
      aria-label={title}
    >
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...cells], row) => (
            // Rows say the same as the figures beside them and are never reordered.
            <tr key={row}>
              <th scope="row">{first}</th>
              {cells.map((cell, column) => (
                <td key={head[column + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The table behind a chart, folded away until somebody wants to read it. */
export function DataTable(props: Props) {
  return (
    <details className="chart-table">
      <summary>Show as a table</summary>
      <PlainTable {...props} title={`${props.title}, as a table`} />
    </details>
  );
}
