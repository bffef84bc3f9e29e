/**
 * The colours are those of the console and of the local cloud's workbench. The animations restart with each refresh:
 * they are slow and start from rest, so that a reload is hardly seen.
 */
export const refusalPageStyle = `
:root {
  color-scheme: light dark;
  --back: light-dark(#f6f5f2, #1b1d20);
  --sheet: light-dark(#ffffff, #24272c);
  --line: light-dark(#e3e0da, #33373d);
  --ink: light-dark(#262a2e, #dcdfe3);
  --soft: light-dark(#666d73, #9aa2ab);
  --chosen: light-dark(#dcebe8, #28413f);
  --accent: light-dark(#2f6f68, #6dbdb2);
  --on-accent: light-dark(#ffffff, #10211f);
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 24px; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 20px; background: var(--back); color: var(--ink);
  font: 16px/1.55 var(--sans);
}
main {
  width: 100%; max-width: 460px; padding: 36px; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 12px; box-shadow: 0 12px 32px #0002; overflow-wrap: anywhere;
}
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; }
p { margin: 0; color: var(--soft); }
.badge {
  display: inline-flex; align-items: center; gap: 8px; margin-bottom: 16px; padding: 3px 11px; border-radius: 99px;
  background: var(--chosen); color: var(--accent); font-size: 13px; font-weight: 600;
}
.badge::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: currentColor; }
.badge.busy::before { animation: breathe 2s ease-in-out infinite; }
.progress {
  position: relative; height: 4px; margin-top: 26px; border-radius: 2px; background: var(--chosen); overflow: hidden;
}
.progress::after {
  content: ""; position: absolute; inset: 0 62% 0 0; border-radius: 2px; background: var(--accent);
  animation: travel 2s ease-in-out infinite alternate;
}
.hint { margin-top: 22px; padding-top: 18px; border-top: 1px solid var(--line); font-size: 14.5px; }
.act { margin: 22px 0 0; }
.button {
  display: inline-block; padding: 9px 18px; border: 0; border-radius: 6px; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
footer { color: var(--soft); font: 12px/1.4 var(--mono); }
@keyframes travel { from { transform: translateX(0); } to { transform: translateX(163%); } }
@keyframes breathe { 50% { opacity: 0.35; } }
@media (prefers-reduced-motion: reduce) { .progress::after, .badge.busy::before { animation: none; } }
`;
