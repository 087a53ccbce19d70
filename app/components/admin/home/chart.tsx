import { formatCount, formatStep } from '#app/components/admin/format.ts';
import { DataTable } from '#app/components/admin/plain-table.tsx';

export type ChartPoint = { day: string; value: number };
type Props = { title: string; points: ChartPoint[]; valueName: string };

const width = 440;
const height = 132;
const bottom = 22;
const top = 16;

/** Bars by day, with the same figures as a table for those who read rather than look. */
export function Chart({ title, points, valueName }: Props) {
  const highest = Math.max(1, ...points.map((point) => point.value));
  const total = points.reduce((sum, point) => sum + point.value, 0);
  const step = width / Math.max(1, points.length);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}: ${formatCount(total)} in all`}>
        {[0, 0.5, 1].map((share) => {
          const y = top + (1 - share) * (height - top - bottom);
          return <line key={share} className="chart-line" x1={0} x2={width} y1={y} y2={y} />;
        })}
        {points.map((point, index) => {
          const size = (point.value / highest) * (height - top - bottom);
          const x = index * step + step * 0.15;
          return (
            <rect
              key={point.day}
              className="chart-bar"
              x={x}
              y={height - bottom - size}
              width={step * 0.7}
              height={size}
              rx={2}
            >
              <title>{`${formatStep(point.day)}: ${formatCount(point.value)}`}</title>
            </rect>
          );
        })}
        <text className="chart-label" x={0} y={top - 2}>
          {formatCount(highest)}
        </text>
        <ChartDays points={points} />
      </svg>
      <DataTable
        title={title}
        head={['Day', valueName]}
        rows={points.map((point) => [formatStep(point.day), formatCount(point.value)])}
      />
    </figure>
  );
}

function ChartDays({ points }: { points: ChartPoint[] }) {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return null;
  return (
    <>
      <text className="chart-label" x={0} y={height - 6}>
        {formatStep(first.day)}
      </text>
      <text className="chart-label" x={width} y={height - 6} textAnchor="end">
        {formatStep(last.day)}
      </text>
    </>
  );
}
