/** The animations restart with each refresh: they are slow and start from rest, so that a reload is hardly seen. */
export const refusalPageStyle = `
:root {
  --ground: #f5f6f8; --card: #ffffff; --text: #1c2430; --quiet: #5d6878; --line: #e2e6ec;
  --accent: #3563e9; --accent-soft: #e6ecfd; --shadow: 0 1px 2px rgb(20 30 50 / 6%), 0 12px 32px rgb(20 30 50 / 8%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161d; --card: #1a202a; --text: #e8ecf2; --quiet: #98a4b5; --line: #2a3340;
    --accent: #7d9dff; --accent-soft: #232f4d; --shadow: 0 12px 32px rgb(0 0 0 / 35%);
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 24px; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 20px; background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main {
  width: 100%; max-width: 460px; padding: 36px; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; box-shadow: var(--shadow); overflow-wrap: anywhere;
}
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; }
p { margin: 0; color: var(--quiet); }
.badge {
  display: inline-flex; align-items: center; gap: 8px; margin-bottom: 16px; padding: 3px 11px; border-radius: 99px;
  background: var(--accent-soft); color: var(--accent); font-size: 13px; font-weight: 600;
}
.badge::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: currentColor; }
.badge.busy::before { animation: breathe 2s ease-in-out infinite; }
.progress {
  position: relative; height: 4px; margin-top: 26px; border-radius: 2px; background: var(--accent-soft); overflow: hidden;
}
.progress::after {
  content: ""; position: absolute; inset: 0 62% 0 0; border-radius: 2px; background: var(--accent);
  animation: travel 2s ease-in-out infinite alternate;
}
.hint { margin-top: 22px; padding-top: 18px; border-top: 1px solid var(--line); font-size: 14.5px; }
.act { margin: 22px 0 0; }
.button {
  display: inline-block; padding: 9px 18px; border: 0; border-radius: 8px; background: var(--accent); color: var(--card);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
footer { color: var(--quiet); font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; opacity: 0.75; }
@keyframes travel { from { transform: translateX(0); } to { transform: translateX(163%); } }
@keyframes breathe { 50% { opacity: 0.35; } }
@media (prefers-reduced-motion: reduce) { .progress::after, .badge.busy::before { animation: none; } }
`;
