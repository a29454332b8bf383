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

export class Xmpp {
    // onDown: called once when the connection is lost or refused, with a sentence.
    constructor(url, domain, onDown) {
        this.domain = domain;
        this.onDown = onDown;
        this.connection = new Strophe.Connection(url);
        this.connection.maxRetries = 0;
    }

    connect() {
        return new Promise((resolve, reject) => {
            this.connection.connect(this.domain, null, (status, reason) => {
                switch (status) {
                    case Strophe.Status.CONNECTED:
                        this.jid = this.connection.jid;
                        this.#answerDisco();
                        resolve();
                        break;
                    case Strophe.Status.AUTHFAIL:
                    case Strophe.Status.CONNFAIL:
                    case Strophe.Status.CONNTIMEOUT:
                    case Strophe.Status.DISCONNECTED: {
                        const text = `The connection to the meeting server is gone${reason ? ` (${reason})` : ''}.`;
                        reject(new Error(text));
                        if (!this.left) this.onDown(text);
                        this.onDown = () => {};
                        break;
                    }
                }
            });
        });
    }

    #answerDisco() {
        this.on({ ns: NS.discoInfo, name: 'iq', type: 'get' }, iq => {
            const node = iq.querySelector('query').getAttribute('node');
            const answer = $iq({ type: 'result', id: iq.getAttribute('id'), to: iq.getAttribute('from') })
                .c('query', { xmlns: NS.discoInfo, ...(node ? { node } : {}) });
            for (const feature of features) answer.c('feature', { var: feature }).up();
            this.connection.send(answer);
        });
    }

    // A handler that stays. what: { ns, name, type, from }.
    on(what, handler) {
        this.connection.addHandler(stanza => {
            try { handler(stanza); } catch (e) { console.error('in a stanza handler', e); }
            return true;
        }, what.ns ?? null, what.name ?? null, what.type ?? null, null, what.from ?? null, { matchBareFromJid: true });
    }

    send(stanza) { this.connection.send(stanza); }

    request(iq, timeout = 15_000) {
        return new Promise((resolve, reject) => {
            this.connection.sendIQ(iq, resolve, error => {
                const condition = error?.querySelector('error > *')?.tagName ?? 'timeout';
                reject(new XmppError(condition, error));
            }, timeout);
        });
    }

    acknowledge(iq) {
        this.connection.send($iq({ type: 'result', id: iq.getAttribute('id'), to: iq.getAttribute('from') }));
    }

    disconnect() {
        this.left = true;
        this.connection.flush();
        this.connection.disconnect('leaving');
    }
}
