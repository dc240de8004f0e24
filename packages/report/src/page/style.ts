/** The look of HTML pages. Colours are apart in brightness, too, for those who do not see them apart. */

export const STYLE = `
:root{color-scheme:light dark;--ink:#1a2230;--soft:#5b6675;--paper:#fff;--card:#f5f7fa;--line:#dde3ea;--mark:#2b6cb0;--good:#1b7a3d;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e7ecf3;--soft:#a3afbe;--paper:#12161d;--card:#1b212b;--line:#303946;--mark:#6fb1f2;--good:#6fd391;--bad:#ff9a8f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:880px;margin:0 auto;padding:32px 20px 48px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:40px 0 12px}
header p,footer,figcaption,.empty{color:var(--soft)}
.label{margin:0 0 16px;padding:8px 14px;border:2px solid var(--bad);border-radius:8px;color:var(--bad);font-weight:600}
header p{margin:0;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(124px,1fr));gap:12px;margin:24px 0 0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.figures dt{color:var(--soft);font-size:.85rem}
.figures dd{margin:2px 0 0;font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums}
.change{display:block;font-size:.85rem;font-weight:500;color:var(--soft)}
.change.good{color:var(--good)}.change.bad{color:var(--bad)}
figure{margin:0 0 16px}
figcaption{font-size:.85rem;margin-bottom:6px}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font-size:13px}
svg .value{fill:var(--ink);font-variant-numeric:tabular-nums}
.mark{fill:var(--mark)}.grid{stroke:var(--line)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
td:first-child{white-space:normal;overflow-wrap:anywhere;min-width:9rem}
th:last-child,td:last-child{padding-right:0}
th{color:var(--soft);font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums}
footer{margin-top:48px;font-size:.85rem;border-top:1px solid var(--line);padding-top:12px}
footer p{margin:0 0 4px}
@media (max-width:480px){main{padding:20px 14px 32px}svg text{font-size:17px}td:not(.number){white-space:normal}}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#bbb;--mark:#333;--good:#000;--bad:#000}main{max-width:none;padding:0}body{font-size:12px}h2,figcaption{break-after:avoid}figure,tr,.figures div{break-inside:avoid}svg{max-height:60mm}.scroll{overflow:visible}th,td{white-space:normal;padding-right:6px}td:first-child{min-width:0}td:not(.number){overflow-wrap:anywhere}}
`.trim();
