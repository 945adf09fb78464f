"""The first page: what this is, the last prices, and where to look next. One file, no framework."""

import base64
import hashlib
from html import escape
from typing import Final

from flowex.ports.status import Status
from flowex.ports.trading import Instrument
from flowex.services.gateway.amounts import padded

_SCRIPT: Final = """
async function refresh() {
  try {
    const answer = await fetch("/api/v3/ticker/24hr");
    for (const row of await answer.json()) {
      const cells = document.querySelectorAll(`[data-symbol="${row.symbol}"] td`);
      if (!cells.length) continue;
      cells[1].textContent = row.lastPrice;
      cells[2].textContent = row.priceChangePercent + " %";
      cells[3].textContent = row.bidPrice;
      cells[4].textContent = row.askPrice;
      cells[5].textContent = row.volume;
    }
  } catch (fault) { /* The exchange is away; the next round tries again. */ }
}
refresh();
setInterval(refresh, 2000);
"""

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 3rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
code { background: #8882; padding: .1rem .3rem; border-radius: .2rem; }
"""

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FlowEx</title>
<style>{style}</style>
</head>
<body>
<h1>FlowEx</h1>
<p>An exchange in one process: a deterministic matching engine, a journal, and the interface that
existing crypto clients speak. This one is <strong>{exchange}</strong>, engine
<strong>{engine}</strong>, state <strong>{state}</strong>.</p>
<table>
<caption>Markets</caption>
<thead><tr><th scope="col">Symbol</th><th scope="col">Last</th><th scope="col">24 h</th>
<th scope="col">Bid</th><th scope="col">Ask</th><th scope="col">Volume</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
<h2>To see</h2>
<ul>
<li><a href="/status">/status</a>, <a href="/healthz">/healthz</a>,
<a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a>: how the exchange is</li>
<li><a href="/api/v3/exchangeInfo">/api/v3/exchangeInfo</a>: what can be traded, and how</li>
<li>{links}</li>
<li>WebSocket: <code>/ws/btcusdt@trade</code>, <code>/stream?streams=</code>,
<code>/ws-api/v3</code></li>
</ul>
<script>{script}</script>
</body>
</html>
"""

SECURITY_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; script-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    + "'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def render(status: Status, markets: list[tuple[Instrument, int]]) -> str:
    """Return the page for instruments and their last prices; the rest fills itself in."""
    rows = "\n".join(
        f'<tr data-symbol="{escape(row.symbol)}"><td>{escape(row.symbol)}</td>'
        f"<td>{padded(last, row.price_decimals)}</td><td></td><td></td><td></td><td></td></tr>"
        for row, last in markets
    )
    links = ", ".join(
        f'<a href="/api/v3/depth?symbol={escape(row.symbol)}&amp;limit=20">'
        f"book of {escape(row.symbol)}</a>"
        for row, _ in markets
    )
    return _PAGE.format(
        style=_STYLE,
        script=_SCRIPT,
        exchange=escape(status.exchange),
        engine=escape(status.engine),
        state=status.state.name,
        rows=rows,
        links=links,
    )
