import { formatCount } from '#app/components/admin/format.ts';
import { DataTable } from '#app/components/admin/plain-table.tsx';

export type ChartSeries = { name: string; values: number[]; style: 'main' | 'quiet' };
type Props = {
  title: string;
  /** What stands below the chart, one for each value: days or months. */
  steps: string[];
  series: ChartSeries[];
  /** What a step is called in the table behind the chart; absent where a table stands beside it anyway. */
  stepName?: string;
};

const width = 960;
const height = 250;
const left = 64;
const bottom = 26;
const top = 10;
const right = 8;
const barWidth = 40;
const pointsMax = 62;

/** Lines over time, with the same figures as a table for those who read rather than look. */
export function LineChart({ title, steps, series, stepName }: Props) {
  const all = series.flatMap(({ values }) => values);
  const scale = scaleOf(Math.min(0, ...all), Math.max(1, ...all));
  const spread = Math.max(1, steps.length - 1);
  const place: Places = {
    x: (index) => left + (steps.length < 2 ? 0.5 : index / spread) * (width - left - right),
    y: (value) => top + ((scale.highest - value) / (scale.highest - scale.lowest)) * (height - top - bottom),
  };
  return (
    <figure className="chart line-chart">
      <figcaption className="chart-legend">
        {series.map(({ name, style }) => (
          <span key={name} className={`legend-${style}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summaryOf(title, series)}>
        {scale.marks.map((mark) => (
          <g key={mark}>
            <line className="chart-line" x1={left} x2={width} y1={place.y(mark)} y2={place.y(mark)} />
            <text className="chart-label" x={left - 10} y={place.y(mark) + 4} textAnchor="end">
              {formatCount(mark)}
            </text>
          </g>
        ))}
        {series.map((one, index) => (
          <g key={one.name} className={`series-${one.style}`}>
            {steps.length < 2 ? (
              <Bar series={one} place={place} offset={(index - series.length / 2) * (barWidth + 6)} />
            ) : (
              <Line series={one} steps={steps} place={place} />
            )}
          </g>
        ))}
        <Ends steps={steps} />
      </svg>
      {stepName === undefined ? null : (
        <DataTable
          title={title}
          head={[stepName, ...series.map(({ name }) => name)]}
          rows={steps.map((step, index) => [step, ...series.map(({ values }) => formatCount(values[index] ?? 0))])}
        />
      )}
    </figure>
  );
}

type Places = { x: (index: number) => number; y: (value: number) => number };

function Line({ series, steps, place }: { series: ChartSeries; steps: string[]; place: Places }) {
  const { name, values, style } = series;
  const line = values
    .map((value, index) => `${index === 0 ? 'M' : 'L'}${place.x(index).toFixed(1)} ${place.y(value).toFixed(1)}`)
    .join('');
  const ground = place.y(0).toFixed(1);
  return (
    <>
      {style === 'main' ? (
        <path
          className="series-area"
          d={`${line}L${place.x(values.length - 1).toFixed(1)} ${ground}L${place.x(0).toFixed(1)} ${ground}Z`}
        />
      ) : null}
      <path className="series-line" d={line} />
      {values.length > pointsMax
        ? null
        : values.map((value, index) => (
            <circle key={steps[index]} className="series-point" cx={place.x(index)} cy={place.y(value)} r={3}>
              <title>{`${steps[index] ?? ''}, ${name}: ${formatCount(value)}`}</title>
            </circle>
          ))}
    </>
  );
}

/** A single step has no line: bars stand beside each other instead. */
function Bar({ series, place, offset }: { series: ChartSeries; place: Places; offset: number }) {
  const [value = 0] = series.values;
  const ground = place.y(0);
  const y = Math.min(ground, place.y(value));
  return (
    <rect
      className="series-point"
      x={place.x(0) + offset}
      y={y}
      width={barWidth}
      height={Math.abs(place.y(value) - ground)}
      rx={3}
    >
      <title>{`${series.name}: ${formatCount(value)}`}</title>
    </rect>
  );
}

function Ends({ steps }: { steps: string[] }) {
  const [first] = steps;
  if (steps.length < 2)
    return (
      <text className="chart-label chart-step" x={left + (width - left - right) / 2} y={height - 6} textAnchor="middle">
        {first}
      </text>
    );
  return (
    <>
      <text className="chart-label chart-step" x={left} y={height - 6}>
        {first}
      </text>
      <text className="chart-label chart-step" x={width} y={height - 6} textAnchor="end">
        {steps.at(-1)}
      </text>
    </>
  );
}

/** Round marks that the lines lie between. */
function scaleOf(least: number, most: number): { lowest: number; highest: number; marks: number[] } {
  const rough = (most - least) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? power;
  const step = Math.max(1, size);
  const lowest = Math.floor(least / step) * step;
  const count = Math.max(1, Math.ceil((most - lowest) / step));
  const marks = Array.from({ length: count + 1 }, (_, mark) => lowest + mark * step);
  return { lowest, highest: lowest + count * step, marks };
}

function summaryOf(title: string, series: ChartSeries[]): string {
  const ends = series.map(({ name, values }) => `${name} ends at ${formatCount(values.at(-1) ?? 0)}`);
  return `${title}: ${ends.join(', ')}`;
}
