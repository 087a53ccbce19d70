/** Drawn here, so that no icon font or file has to be fetched. Polaris sizes and colours them. */
function strokes(path: string) {
  return function StrokeIcon() {
    return (
      <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round">
        <path d={path} strokeLinejoin="round" />
      </svg>
    );
  };
}

export const UpIcon = strokes('M10 15.5V5m0 0L5.5 9.5M10 5l4.5 4.5');
export const DownIcon = strokes('M10 4.5V15m0 0l4.5-4.5M10 15l-4.5-4.5');
export const RemoveIcon = strokes('M5.5 5.5l9 9m0-9l-9 9');
