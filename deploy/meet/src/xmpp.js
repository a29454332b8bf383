// The XMPP side of the page: one anonymous connection over WebSocket, IQs as promises.
import { Strophe, $iq, $pres, $build } from 'strophe.js';

export { $iq, $pres, $build, Strophe };

export const NS = {
    caps: 'http://jabber.org/protocol/caps',
    discoInfo: 'http://jabber.org/protocol/disco#info',
    focus: 'http://jitsi.org/protocol/focus',
    jingle: 'urn:xmpp:jingle:1',
    jitmeet: 'http://jitsi.org/jitmeet',
    muc: 'http://jabber.org/protocol/muc',
    mucUser: 'http://jabber.org/protocol/muc#user',
    nick: 'http://jabber.org/protocol/nick'
};

// What this client can do; the focus reads it from disco#info.
export const features = [
    'http://jabber.org/protocol/caps',
    'http://jitsi.org/json-encoded-sources',
    'http://jitsi.org/receive-multiple-video-streams',
    'http://jitsi.org/source-name',
    'http://jitsi.org/tcc',
    'urn:ietf:rfc:4588',
    'urn:ietf:rfc:5761',
    'urn:ietf:rfc:5888',
    'urn:xmpp:jingle:1',
    'urn:xmpp:jingle:apps:dtls:0',
    'urn:xmpp:jingle:apps:rtp:1',
    'urn:xmpp:jingle:apps:rtp:audio',
    'urn:xmpp:jingle:apps:rtp:video',
    'urn:xmpp:jingle:transports:dtls-sctp:1',
    'urn:xmpp:jingle:transports:ice-udp:1'
].sort();

export const capsNode = 'https://jitsi.org/jitsi-meet';

// XEP-0115: SHA-1 over the sorted features, each followed by '<'. There is no identity. On plain
// http:// of another host there is no crypto.subtle; a random version only costs the focus a request.
export async function capsVersion() {
    if (!crypto.subtle) return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(20))));
    const text = features.map(f => `${f}<`).join('');
    const hash = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

export class XmppError extends Error {
    constructor(condition, stanza) {
        super(condition);
        this.condition = condition;
        this.stanza = stanza;
    }
}

// How long the page tries to come back; the server keeps a guest that long (smacks_hibernation_time).
const patience = 60_000;

// Events: 'interrupted' when the connection is lost; then 'resumed' (XEP-0198: nothing was lost, the
// room has seen nothing), 'forgotten' (the server knows us no more, we are somebody new), or 'down'
// with a sentence when the page gives up.
export class Xmpp extends EventTarget {
    constructor(url, domain) {
        super();
        this.url = url;
        this.domain = domain;
        this.handlers = [];
        this.requests = new Map(); // id -> { resolve, reject, timer }
        this.waiting = [];         // what is said while there is no connection
        this.connection = new Strophe.Connection(url, { enableStreamManagement: true });
        this.connection.maxRetries = 0;
        // Kept here: Strophe forgets it with an attempt that fails.
        this.connection.sm.onEnabled = () => { this.token = this.connection.sm.state.id; };
        this.connection.sm.onFailed = () => { this.token = null; };
        this.#answerDisco();
        for (const type of ['result', 'error']) this.on({ name: 'iq', type }, iq => this.#onReply(iq));
    }

    connect() {
        return new Promise((resolve, reject) => {
            this.first = { resolve, reject };
            this.#open();
        });
    }

    #open() {
        // An anonymous guest is somebody new on each connection, unless the server is told whom to
        // expect (deploy/prosody/mod_jmeet_resume.lua, and Jitsi's servers likewise).
        this.connection.service = this.token ? `${this.url}?previd=${encodeURIComponent(this.token)}` : this.url;
        this.connection.connect(this.domain, null, (status, reason) => this.#onStatus(status, reason));
    }

    #onStatus(status, reason) {
        if (reason) this.reason = reason;
        if (status === Strophe.Status.CONNECTED) this.#onConnected();
        if (status === Strophe.Status.AUTHFAIL) this.#giveUp();
        if (status === Strophe.Status.DISCONNECTED) this.#onDisconnected();
    }

    #onConnected() {
        const { restored, jid } = this.connection;
        const isFirst = !this.jid;
        this.jid = jid;
        this.up = true;
        this.reason = this.downSince = undefined;
        // Strophe forgets its handlers with each connection.
        for (const { what, handler } of this.handlers) this.#listen(what, handler);
        const waiting = this.waiting.splice(0);
        if (isFirst) return this.first.resolve();
        if (restored) {
            waiting.forEach(stanza => this.connection.send(stanza));
        } else {
            for (const id of [...this.requests.keys()]) this.#settle(id)?.reject(new XmppError('connection-lost'));
        }
        this.dispatchEvent(new Event(restored ? 'resumed' : 'forgotten'));
    }

    #onDisconnected() {
        this.up = false;
        if (this.left || this.retry) return;
        if (!this.jid) return this.#giveUp();
        if (!this.downSince) {
            this.downSince = Date.now();
            this.dispatchEvent(new Event('interrupted'));
        }
        const down = Date.now() - this.downSince;
        if (down > patience) return this.#giveUp();
        // Everybody comes back at once: not in the same moment.
        const pause = (300 + Math.min(down, 3000) / 2) * (0.5 + Math.random());
        this.retry = setTimeout(() => {
            this.retry = undefined;
            if (!this.left) this.#open();
        }, pause);
    }

    #giveUp() {
        if (this.left) return;
        this.left = true;
        const text = `The connection to the meeting server is gone${this.reason ? ` (${this.reason})` : ''}.`;
        this.first.reject(new Error(text));
        this.dispatchEvent(new CustomEvent('down', { detail: text }));
    }

    #answerDisco() {
        this.on({ ns: NS.discoInfo, name: 'iq', type: 'get' }, iq => {
            const node = iq.querySelector('query').getAttribute('node');
            const answer = $iq({ type: 'result', id: iq.getAttribute('id'), to: iq.getAttribute('from') })
                .c('query', { xmlns: NS.discoInfo, ...(node ? { node } : {}) });
            for (const feature of features) answer.c('feature', { var: feature }).up();
            this.send(answer);
        });
    }

    // A handler that stays, whatever happens to the connection. what: { ns, name, type, from }.
    on(what, handler) {
        this.handlers.push({ what, handler });
        if (this.up) this.#listen(what, handler);
    }

    #listen(what, handler) {
        this.connection.addHandler(stanza => {
            try { handler(stanza); } catch (e) { console.error('in a stanza handler', e); }
            return true;
        }, what.ns ?? null, what.name ?? null, what.type ?? null, null, what.from ?? null, { matchBareFromJid: true });
    }

    send(stanza) {
        if (this.up) this.connection.send(stanza);
        else this.waiting.push(stanza);
    }

    request(iq, timeout = 15_000) {
        return new Promise((resolve, reject) => {
            const id = this.connection.getUniqueId();
            const timer = setTimeout(() => this.#settle(id)?.reject(new XmppError('timeout')), timeout);
            this.requests.set(id, { resolve, reject, timer });
            this.send(iq.root().attrs({ id }));
        });
    }

    #onReply(iq) {
        const request = this.#settle(iq.getAttribute('id'));
        if (iq.getAttribute('type') === 'result') request?.resolve(iq);
        else request?.reject(new XmppError(iq.querySelector('error > *')?.tagName ?? 'error', iq));
    }

    #settle(id) {
        const request = this.requests.get(id);
        clearTimeout(request?.timer);
        this.requests.delete(id);
        return request;
    }

    acknowledge(iq) {
        this.send($iq({ type: 'result', id: iq.getAttribute('id'), to: iq.getAttribute('from') }));
    }

    disconnect() {
        this.left = true;
        clearTimeout(this.retry);
        if (!this.up) return;
        this.connection.flush();
        this.connection.disconnect('leaving');
    }
}
