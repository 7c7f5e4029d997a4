// A LAS that answers the hooks of the OSO adapter: plain Node, no packages.
//
// Read it from the bottom up: `answer` gets what a request says and gives what goes back, `verified`
// decides whether the request is of the adapter, `signed` signs what goes back. In another language
// the same three are all there is to write. The form of each request and answer is in what `oso-webhook openapi`
// prints.
//
//   node server.mjs --port 8450 --certificate las.pem --key las.key --secret-file secret.txt \
//     --pupils pupils.json --store taken.json
//
// The store holds what was taken over, which are personal data once it is used for real pupils.

import { createHmac, timingSafeEqual } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import { parseArgs } from "node:util";

const text = { type: "string" };
const { values: given } = parseArgs({
  options: {
    port: { type: "string", default: "8450" },
    certificate: text,
    key: text,
    "secret-file": text,
    pupils: text,
    store: text,
  },
});

for (const name of ["certificate", "key", "secret-file", "pupils", "store"]) {
  if (!given[name]) {
    console.error(`--${name} is needed; all of them are at the top of this file`);
    process.exit(2);
  }
}

const TOLERANCE = 300; // seconds
const MOST = 80 * 2 ** 20; // bytes of a request
const pupils = JSON.parse(readFileSync(given.pupils, "utf8"));

// -- what was taken over: durable before it is answered, so that a second offer finds it -----------

const store = existsSync(given.store)
  ? JSON.parse(readFileSync(given.store, "utf8"))
  : { dossiers: {}, notifications: {}, events: {}, answers: {} };

function keep() {
  const file = openSync(`${given.store}.new`, "w", 0o600);
  writeFileSync(file, JSON.stringify(store));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${given.store}.new`, given.store);
}

// -- signatures: https://www.standardwebhooks.com ---------------------------------------------------

// read at every use, so that a secret can be replaced without a restart; several while that is done
function keys() {
  const secrets = readFileSync(given["secret-file"], "ascii").trim().split(/\s+/);
  return secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
}

function signature(key, id, seconds, body) {
  return createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest();
}

function verified(headers, body, now) {
  const id = headers["webhook-id"] ?? "";
  const seconds = headers["webhook-timestamp"] ?? "";
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(id) || !/^[0-9]{1,12}$/.test(seconds)) return "not-signed";
  if (Math.abs(now - Number(seconds)) > TOLERANCE) return "too-old";
  const theirs = (headers["webhook-signature"] ?? "")
    .split(" ")
    .filter((part) => part.startsWith("v1,"))
    .map((part) => Buffer.from(part.slice(3), "base64"));
  const good = keys().some((key) => {
    const ours = signature(key, id, seconds, body);
    return theirs.some((each) => each.length === ours.length && timingSafeEqual(each, ours));
  });
  return good ? null : "wrong-signature";
}

// The id of an answer is another than that of the request: neither can be taken for the other.
function signed(id, body, now) {
  const own = `answer-${id}`;
  const seconds = String(Math.floor(now));
  const signatures = keys().map((key) => signature(key, own, seconds, body).toString("base64"));
  return {
    "webhook-id": own,
    "webhook-timestamp": seconds,
    "webhook-signature": signatures.map((each) => `v1,${each}`).join(" "),
  };
}

// -- the hooks: each gets the request and gives the answer, or null for "not mine" -------------------

const leerling = (pupil) => pupil.dossier.huidigeschool.leerling;
const fullName = (pupil) => `${leerling(pupil).voornaam.join(" ")} ${leerling(pupil).achternaam}`;
const ofSchool = (asked) =>
  pupils.filter((pupil) => pupil.brin === asked.context.administration?.brin);

const HOOKS = {
  ping: () => ({ hooks: Object.keys(HOOKS).filter((name) => name !== "ping") }),

  collect_dossier(asked) {
    const found = ofSchool(asked).find((pupil) => leerling(pupil).leerlingid === asked.pupil);
    return found ? { dossier: found.dossier, former_numbers: found.former_numbers } : null;
  },

  import_dossier(asked) {
    const { id, dossier } = asked.received;
    store.dossiers[id] = dossier; // here a LAS finds or makes its pupil
    return { outcome: "accepted", categories: [], reason: null };
  },

  // a second system (LVS) adds what it has of the pupil
  enrich_dossier(asked) {
    const found = ofSchool(asked).find((pupil) => leerling(pupil).leerlingid === asked.pupil);
    return found?.lvs ? { dossier: { huidigeschool: { leerling: found.lvs } } } : null;
  },

  find_pupils(asked) {
    const found = ofSchool(asked).filter(
      (pupil) =>
        (asked.name === null || fullName(pupil).toLowerCase().includes(asked.name.toLowerCase())) &&
        (asked.group === null || pupil.group === asked.group) &&
        (asked.leaving_before === null || pupil.leaving_on < asked.leaving_before) &&
        (asked.destination === null || pupil.destination === asked.destination),
    );
    return {
      pupils: found.slice(0, asked.limit).map((pupil) => ({
        pupil: leerling(pupil).leerlingid,
        name: fullName(pupil),
        group: pupil.group,
        date_of_birth: leerling(pupil).geboortedatum,
        destination: pupil.destination,
        leaving_on: pupil.leaving_on,
      })),
    };
  },

  candidates: (asked) => ({
    candidates: ofSchool(asked)
      .filter((pupil) => leerling(pupil).bsn.endsWith(asked.pgnfrag))
      .map((pupil) => ({ pupil: leerling(pupil).leerlingid, pgn: leerling(pupil).bsn })),
  }),

  known_pupil(asked) {
    const { pgn, former_pgns: former } = asked.match;
    const found = ofSchool(asked).find((pupil) =>
      [pgn, ...former].some((number) => [leerling(pupil).bsn, ...pupil.former_numbers].includes(number)),
    );
    return found ? { pupil: leerling(found).leerlingid, dossier: found.dossier } : null;
  },

  // what the schools of a region agreed beyond the standard
  extra_rules: () => ({
    rules: [
      {
        id: "roepnaam",
        context: "//od:leerling",
        assertion: "od:roepnaam",
        message: "De roepnaam ontbreekt; vul hem in bij de leerling.",
        severity: "warning",
      },
    ],
  }),

  notification_received(asked) {
    store.notifications[asked.notification.id] = asked.notification;
    return undefined; // nothing is to be answered
  },

  event(asked) {
    store.events[asked.event.id] = asked.event;
    return undefined;
  },
};

// What may come again with the same id, and is then answered as it was the first time.
const TOLD = ["import_dossier", "notification_received", "event"];
const seen = new Map(); // the ids of questions, as long as their signature is of use

function answer(name, id, body, now) {
  for (const [old, until] of seen) if (until < now) seen.delete(old);
  if (!Object.hasOwn(HOOKS, name)) return [501, { code: "no-such-hook" }];
  let asked;
  try {
    asked = JSON.parse(body);
  } catch {
    return [422, { code: "no-json" }];
  }
  // the signature is over the body, so the body has to say for which hook it is
  if (asked?.hook !== name) return [422, { code: "other-hook" }];
  if (TOLD.includes(name)) {
    const done = Object.hasOwn(store.answers, id);
    const said = done ? store.answers[id] : (HOOKS[name](asked) ?? null);
    // what is postponed is offered again with this id, to be decided anew
    if (said?.outcome !== "postponed") store.answers[id] = said;
    keep();
    return said === null ? [204, undefined] : [200, said];
  }
  if (seen.has(id)) return [409, { code: "seen-before" }];
  seen.set(id, now + 2 * TOLERANCE);
  const said = HOOKS[name](asked);
  return said === null ? [404, { code: "not-mine" }] : [200, said];
}

// -- HTTP ---------------------------------------------------------------------------------------

function reply(response, status, said, id) {
  const body = Buffer.from(said === undefined ? "" : JSON.stringify(said));
  response.writeHead(status, {
    "content-length": body.length,
    ...(said === undefined
      ? {}
      : { "content-type": status === 200 ? "application/json" : "application/problem+json" }),
    ...(id ? signed(id, body, Date.now() / 1000) : {}),
  });
  response.end(body);
}

async function serve(request, response) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > MOST) return request.destroy();
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  const now = Date.now() / 1000;
  const wrong = verified(request.headers, body, now);
  if (wrong) return reply(response, 401, { code: wrong });
  const id = request.headers["webhook-id"];
  const name = request.url.split("/").at(-1);
  if (request.method !== "POST") return reply(response, 405, { code: "not-a-post" }, id);
  return reply(response, ...answer(name, id, body, now), id);
}

const server = createServer(
  { cert: readFileSync(given.certificate), key: readFileSync(given.key), minVersion: "TLSv1.2" },
  (request, response) =>
    serve(request, response).catch(() => {
      // never the text of an error: it may hold what is in a dossier
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }),
);
server.listen(Number(given.port), "127.0.0.1", () => {
  console.log(`listening on https://localhost:${server.address().port}`);
});
