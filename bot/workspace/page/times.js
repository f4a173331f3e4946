// Times, in the person's own zone.
import { h } from "./dom.js";
import { state } from "./state.js";

const formats = new Map(); // making one is slow

function dateParts(ms, timeZone) {
  const numeric = Object.fromEntries(["year", "month", "day", "hour", "minute", "second"].map((name) => [name, "numeric"]));
  if (!formats.has(timeZone)) formats.set(timeZone, new Intl.DateTimeFormat("en-GB", { ...numeric, hourCycle: "h23", timeZone }));
  return Object.fromEntries(formats.get(timeZone).formatToParts(ms).map((p) => [p.type, Number(p.value)]));
}

const pad = (n) => String(n).padStart(2, "0");
export const zoneOf = () => state.me.tz || "UTC";
export const inWords = (ms, options) => new Intl.DateTimeFormat("en-US", { ...options, timeZone: zoneOf() }).format(ms);

export function dayOf(ms, zone = zoneOf()) {
  const p = dateParts(ms, zone);
  return `${p.year}-${pad(p.month)}-${pad(p.day)}`;
}

export function clock(ms, seconds, zone = zoneOf()) {
  const p = dateParts(ms, zone);
  return `${pad(p.hour)}:${pad(p.minute)}` + (seconds ? ":" + pad(p.second) : "");
}

export function relativeDay(ms) {
  const days = Math.round((Date.parse(dayOf(ms)) - Date.parse(dayOf(Date.now()))) / 864e5);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(ms) {
  const seconds = (ms - Date.now()) / 1000;
  const unit = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, n]) => Math.abs(seconds) >= n) || ["second", 1];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc(seconds / unit[1]), unit[0]);
}

function ordinalDate(ms, weekday) {
  const day = dateParts(ms, zoneOf()).day;
  const suffix = { one: "st", two: "nd", few: "rd", other: "th" }[new Intl.PluralRules("en", { type: "ordinal" }).select(day)];
  const name = weekday ? inWords(ms, { weekday: "long" }) + ", " : "";
  return `${name}${inWords(ms, { month: "long" })} ${day}${suffix}, ${inWords(ms, { year: "numeric" })}`;
}

const dateTokens = {
  date_num: dayOf,
  date: (ms) => ordinalDate(ms),
  date_long: (ms) => ordinalDate(ms, true),
  date_short: (ms) => inWords(ms, { month: "short", day: "numeric", year: "numeric" }),
  time: (ms) => clock(ms),
  time_secs: (ms) => clock(ms, true),
  ago,
};

// dateNode renders Slack's date format, such as "{date_short_pretty} at {time}", in the person's own zone.
export function dateNode(unix, format, fallback) {
  const ms = Number(unix) * 1000;
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return fallback || "";
  const text = (format || "{date_num} {time_secs}").replace(/\{(\w+?)(_pretty)?\}/g, (whole, name, pretty) => {
    const make = dateTokens[name];
    return make ? (pretty && relativeDay(ms)) || make(ms) : whole;
  });
  return h("time", { datetime: new Date(ms).toISOString(), title: utc(ms) }, text);
}

export const utc = (ms) => `${dayOf(ms, "UTC")} ${clock(ms, true, "UTC")} UTC`;

export function wallToUnix(wall) {
  const guess = Date.parse(wall + "Z");
  const offset = (ms) => {
    const p = dateParts(ms, zoneOf());
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - ms;
  };
  // Twice, because the offset of the guess may be that of the other side of a daylight-saving change.
  return Number.isNaN(guess) ? "" : String(Math.floor((guess - offset(guess - offset(guess))) / 1000));
}

export const unixToWall = (unix) => (/^\d+$/.test(unix) ? `${dayOf(unix * 1000)}T${clock(unix * 1000, unix % 60)}` : "");
