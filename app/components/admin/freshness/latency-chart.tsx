import { formatCount } from '#app/components/admin/format.ts';
import { DataTable } from '#app/components/admin/plain-table.tsx';
import { freshnessBoundsS, freshWithinS } from '#app/domain/cards/freshness.ts';

type Props = { title: string; counts: number[] };

const width = 640;
const height = 180;
const bottom = 26;
const top = 16;

const units: readonly [number, string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `5 s`, `15 min`, `6 h`. */
function durationText(seconds: number): string {
  const [size, name] = units.find(([candidate]) => seconds >= candidate) ?? [1, 's'];
  return `${seconds / size} ${name}`;
}

/** What a bucket is called: everything below its bound, or what took longer than the last. */
function bucketText(index: number): string {
  const bound = freshnessBoundsS[index];
  return bound === undefined ? `over ${durationText(freshnessBoundsS.at(-1) ?? 0)}` : `< ${durationText(bound)}`;
}

/** How many updates took how long; those that kept the promise in the main colour. The same figures as a table. */
export function LatencyChart({ title, counts }: Props) {
  const highest = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const step = width / counts.length;
  return (
    <figure className="chart latency-chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${formatCount(total)} in all`}>
        <line className="chart-line" x1={0} x2={width} y1={height - bottom} y2={height - bottom} />
        {counts.map((count, index) => {
          const size = (count / highest) * (height - top - bottom);
          const x = index * step;
          const isInTime = (freshnessBoundsS[index] ?? Infinity) <= freshWithinS;
          return (
            <g key={bucketText(index)}>
              <rect
                className={isInTime ? 'chart-bar' : 'chart-bar chart-bar-late'}
                x={x + step * 0.12}
                y={height - bottom - size}
                width={step * 0.76}
                height={size}
                rx={2}
              />
              {count === 0 ? null : (
                <text className="chart-label" x={x + step / 2} y={height - bottom - size - 4} textAnchor="middle">
                  {formatCount(count)}
                </text>
              )}
              <text className="chart-label chart-label-small" x={x + step / 2} y={height - 8} textAnchor="middle">
                {bucketText(index)}
              </text>
            </g>
          );
        })}
      </svg>
      <DataTable
        title={title}
        head={['Time until the wallet had it', 'Updates']}
        rows={counts.map((count, index) => [bucketText(index), formatCount(count)])}
      />
    </figure>
  );
}
