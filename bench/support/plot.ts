/** A line chart as SVG: as much as the report needs, readable on light and dark pages. */

export type Series = Readonly<{ name: string; points: readonly (readonly [x: number, y: number])[] }>;
export type Chart = Readonly<{ title: string; unit: string; series: readonly Series[] }>;

const WIDTH = 340;
const HEIGHT = 220;
const LEFT = 48;
const RIGHT = 14;
const TOP = 44;
const BOTTOM = 34;
const COLUMNS = 2;
const TICKS = 4;
const colours = ['#2f7ed8', '#d9822b', '#3d9a50', '#a852a8'];

/** The charts beside and below each other; all share the meaning of x. */
export function plot(charts: readonly Chart[], xName: string, title: string): string {
  const rows = Math.ceil(charts.length / COLUMNS);
  const width = COLUMNS * WIDTH;
  const height = rows * HEIGHT;
  const drawn = charts.map((chart, index) => {
    const x = (index % COLUMNS) * WIDTH;
    const y = Math.floor(index / COLUMNS) * HEIGHT;
    return `<g transform="translate(${x} ${y})">${drawChart(chart, xName)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="#777"><title>${title}</title>
${drawn.join('\n')}
</svg>
`;
}

function drawChart({ title, unit, series }: Chart, xName: string): string {
  const points = series.flatMap((each) => each.points);
  const mostX = Math.max(...points.map(([x]) => x), 1);
  const mostY = roundUp(Math.max(...points.map(([, y]) => y), 0));
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const atX = (x: number) => LEFT + (x / mostX) * (right - LEFT);
  const atY = (y: number) => bottom - (y / mostY) * (bottom - TOP);

  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const value = (mostY * tick) / TICKS;
    const y = atY(value).toFixed(1);
    return (
      `<path d="M${LEFT} ${y}H${right}" stroke="#999" stroke-opacity=".3"/>` +
      `<text x="${LEFT - 6}" y="${y}" dy=".35em" text-anchor="end">${short(value)}</text>`
    );
  });
  const xs = [...new Set(points.map(([x]) => x))];
  const ticks = xs.map(
    (x) => `<text x="${atX(x).toFixed(1)}" y="${bottom + 14}" text-anchor="middle">${short(x)}</text>`,
  );
  const lines = series.map(({ points }, index) => {
    const colour = colours[index % colours.length];
    const at = points.map(([x, y]) => `${atX(x).toFixed(1)} ${atY(y).toFixed(1)}`);
    const dots = points.map(([x, y]) => `<circle cx="${atX(x).toFixed(1)}" cy="${atY(y).toFixed(1)}" r="2.5"/>`);
    return `<g fill="${colour}"><path d="M${at.join('L')}" fill="none" stroke="${colour}" stroke-width="1.6"/>${dots.join('')}</g>`;
  });
  const legend = series.map(
    ({ name }, index) =>
      `<tspan fill="${colours[index % colours.length]}"${index > 0 ? ' dx="10"' : ''}>● ${escapeText(name)}</tspan>`,
  );
  return (
    `<text x="${LEFT}" y="16" font-size="13">${escapeText(title)} (${escapeText(unit)})</text>` +
    `<text x="${LEFT}" y="32">${legend.join('')}</text>${grid.join('')}${ticks.join('')}${lines.join('')}` +
    `<text x="${right}" y="${HEIGHT - 6}" text-anchor="end">${escapeText(xName)}</text>`
  );
}

/** To a number that divides well. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * magnitude >= value) ?? 10) * magnitude;
}

function short(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(Math.round(value * 100) / 100);
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
