const side = 25;
const finderSide = 7;

/** Looks like a QR code and is none: a preview must not be scannable. */
export function PatternCode() {
  const cells: string[] = [];
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      if (!isNearFinder(x, y) && (x * 7 + y * 13 + ((x * y) % 5) * 3) % 5 < 2) cells.push(`M${x} ${y}h1v1h-1z`);
  return (
    <svg className="pattern-code" viewBox={`0 0 ${side} ${side}`} aria-hidden="true" shapeRendering="crispEdges">
      <path fill="#111111" d={cells.join('')} />
      {[
        [0, 0],
        [side - finderSide, 0],
        [0, side - finderSide],
      ].map(([x, y]) => (
        <g key={`${x}-${y}`} transform={`translate(${x} ${y})`} fill="#111111">
          <path d="M0 0h7v7h-7zM1 1v5h5v-5z" fillRule="evenodd" />
          <path d="M2 2h3v3h-3z" />
        </g>
      ))}
    </svg>
  );
}

function isLow(value: number): boolean {
  return value <= finderSide;
}

function isHigh(value: number): boolean {
  return value >= side - finderSide - 1;
}

function isNearFinder(x: number, y: number): boolean {
  return (isLow(x) && isLow(y)) || (isHigh(x) && isLow(y)) || (isLow(x) && isHigh(y));
}
