// Fills the first page: a card for each market, and the book and tape of the one chosen.
"use strict";

const LEVELS = 12, TRADES = 26, REFRESH_MS = 2000, CANDLES_MS = 60000;
const byId = (id) => document.getElementById(id);
const plain = (text) => text.replace(/\.?0+$/, "");
const markets = new Map();
let socket = null, chosen = null, retry_ms = 500;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path);
  return answer.json();
}

// Digits after the point that the tick has: prices are shown as they can be.
function decimals(tick) { return (plain(tick).split(".")[1] || "").length; }

function addMarket(info) {
  const card = element("button", "market");
  const name = element("span", "note", `${info.baseAsset} / ${info.quoteAsset}`);
  const change = element("span");
  name.append(change);
  const last = element("strong", "", "–");
  const chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  chart.setAttribute("viewBox", "0 0 100 100");
  chart.setAttribute("preserveAspectRatio", "none");
  const note = element("span", "note");
  card.append(name, last, chart, note);
  card.addEventListener("click", () => choose(info.symbol));
  byId("markets").append(card);
  const digits = decimals(info.filters[0].tickSize);
  const quantityDigits = decimals(info.filters[1].stepSize);
  markets.set(info.symbol, { card, change, last, chart, note, digits, quantityDigits });
}

function showTicker(row) {
  const market = markets.get(row.symbol);
  if (!market) return;
  const { digits } = market, percent = Number(row.priceChangePercent);
  market.last.textContent = Number(row.lastPrice).toFixed(digits);
  market.change.textContent = `${percent > 0 ? "+" : ""}${percent.toFixed(2)} %`;
  market.change.className = market.last.className = percent < 0 ? "down" : "up";
  market.note.replaceChildren(
    element("span", "", `24 h ${Number(row.lowPrice).toFixed(digits)} – ` +
      Number(row.highPrice).toFixed(digits)),
    element("span", "", `${Math.round(Number(row.quoteVolume)).toLocaleString()}`));
}

async function showChart(symbol) {
  const rows = await ask(`/api/v3/klines?symbol=${symbol}&interval=15m&limit=96`);
  if (rows.length < 2) return;
  const closes = rows.map((row) => Number(row[4]));
  const low = Math.min(...closes), span = Math.max(...closes) - low || 1;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", closes.map((close, at) =>
    `${(at * 100 / (closes.length - 1)).toFixed(2)},${(100 - (close - low) * 100 / span).toFixed(2)}`
  ).join(" "));
  const { chart } = markets.get(symbol);
  chart.replaceChildren(line);
  chart.setAttribute("class", closes.at(-1) < closes[0] ? "down" : "up");
}

function bookRow([price, quantity], most, className, market) {
  const row = element("tr", className);
  row.append(element("td", "", Number(price).toFixed(market.digits)),
    element("td", "", Number(quantity).toFixed(market.quantityDigits)));
  row.style.setProperty("--part", `${100 * Number(quantity) / most}%`);
  return row;
}

function showBook({ bids, asks }) {
  const market = markets.get(chosen);
  bids = bids.slice(0, LEVELS); asks = asks.slice(0, LEVELS);
  const most = Math.max(...bids.concat(asks).map((level) => Number(level[1])), 1e-12);
  const middle = element("tr", "middle");
  middle.append(element("td", "", market.last.textContent), element("td"));
  byId("book").tBodies[0].replaceChildren(
    ...asks.reverse().map((level) => bookRow(level, most, "down", market)), middle,
    ...bids.map((level) => bookRow(level, most, "up", market)));
}

function showTrade(trade) {
  const market = markets.get(chosen), row = element("tr");
  row.append(element("td", trade.m ? "down" : "up", Number(trade.p).toFixed(market.digits)),
    element("td", "", Number(trade.q).toFixed(market.quantityDigits)),
    element("td", "note-time", new Date(trade.T).toLocaleTimeString([], { hour12: false })));
  const body = byId("tape").tBodies[0];
  body.prepend(row);
  while (body.rows.length > TRADES) body.deleteRow(-1);
  market.last.textContent = Number(trade.p).toFixed(market.digits);
}

async function choose(symbol) {
  chosen = symbol;
  for (const [name, { card }] of markets) card.setAttribute("aria-pressed", name === symbol);
  for (const label of document.querySelectorAll(".symbol")) label.textContent = symbol;
  byId("tape").tBodies[0].replaceChildren();
  if (socket) { socket.onclose = null; socket.close(); }
  listen();
  const recent = await ask(`/api/v3/trades?symbol=${symbol}&limit=${TRADES}`);
  if (chosen !== symbol) return;
  for (const row of recent) {
    showTrade({ m: row.isBuyerMaker, p: row.price, q: row.qty, T: row.time });
  }
}

function listen() {
  const name = chosen.toLowerCase();
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(
    `${scheme}//${location.host}/stream?streams=${name}@depth20@100ms/${name}@trade`);
  socket.onopen = () => { retry_ms = 500; };
  socket.onmessage = (message) => {
    const { stream, data } = JSON.parse(message.data);
    if (stream.endsWith("@trade")) showTrade(data); else showBook(data);
  };
  socket.onclose = () => {
    setTimeout(listen, retry_ms);
    retry_ms = Math.min(retry_ms * 2, 10000);
  };
}

async function refresh() {
  try {
    for (const row of await ask("/api/v3/ticker/24hr")) showTicker(row);
    const status = await ask("/status");
    byId("state").textContent = status.state;
    byId("state").toggleAttribute("data-good", status.state === "TRADING");
    byId("sequence").textContent = status.sequence.toLocaleString();
  } catch (fault) {
    byId("state").textContent = "…";
    byId("state").removeAttribute("data-good");
  }
}

function speak(language) {
  document.documentElement.lang = language;
  for (const text of document.querySelectorAll("[data-zh]")) {
    text.dataset.en ??= text.textContent;
    text.textContent = language === "zh" ? text.dataset.zh : text.dataset.en;
  }
  byId("language").textContent = language === "zh" ? "English" : "中文";
  try { localStorage.setItem("language", language); } catch (fault) { /* It is asked anew. */ }
}

async function start() {
  for (const label of document.querySelectorAll(".origin")) label.textContent = location.origin;
  const socketOrigin = location.origin.replace(/^http/, "ws");
  for (const label of document.querySelectorAll(".socket")) label.textContent = socketOrigin;
  byId("language").addEventListener("click",
    () => speak(document.documentElement.lang === "zh" ? "en" : "zh"));
  let language = navigator.language.startsWith("zh") ? "zh" : "en";
  try { language = localStorage.getItem("language") || language; } catch (fault) { /* As is. */ }
  speak(language);
  const info = await ask("/api/v3/exchangeInfo");
  info.symbols.forEach(addMarket);
  await refresh();
  setInterval(refresh, REFRESH_MS);
  const charts = () => { for (const symbol of markets.keys()) showChart(symbol).catch(() => {}); };
  charts();
  setInterval(charts, CANDLES_MS);
  if (info.symbols.length) await choose(info.symbols[0].symbol);
}

start();
