// The room: asks the focus to come, joins the MUC, knows the members from their presence.
import { $iq, $pres, NS, Strophe, capsNode, capsVersion } from './xmpp.js';

const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

export class Room extends EventTarget {
    constructor(xmpp, config, roomName, displayName) {
        super();
        this.xmpp = xmpp;
        this.config = config;
        this.jid = `${roomName}@${config.muc}`;
        this.displayName = displayName;
        this.nick = Strophe.getNodeFromJid(xmpp.jid).slice(0, 8);
        this.members = new Map(); // nick -> { name, sources: { name -> { muted, videoType } } }
        this.sourceInfo = {};
        xmpp.on({ name: 'presence', from: this.jid }, p => this.#onPresence(p));
    }

    get myJid() { return `${this.jid}/${this.nick}`; }

    async join() {
        await this.#requestConference();
        this.capsVersion = await capsVersion();
        await new Promise((resolve, reject) => {
            this.addEventListener('joined', resolve, { once: true });
            this.addEventListener('refused', e => reject(new Error(e.detail)), { once: true });
            this.#sendPresence(true);
        });
    }

    // As somebody new: the server has forgotten who we were.
    async rejoin() {
        for (const nick of this.members.keys()) this.dispatchEvent(new CustomEvent('left', { detail: nick }));
        this.members.clear();
        this.inRoom = false;
        this.nick = Strophe.getNodeFromJid(this.xmpp.jid).slice(0, 8);
        await this.join();
    }

    // The focus answers when it is in the room; a fresh server may need some seconds.
    async #requestConference() {
        for (let attempt = 1; ; ++attempt) {
            try {
                const answer = await this.xmpp.request($iq({ type: 'set', to: this.config.focus })
                    .c('conference', { xmlns: NS.focus, room: this.jid, 'machine-uid': this.#machineUid() }));
                if (answer.querySelector('conference')?.getAttribute('ready') === 'true') return;
            } catch (e) {
                if (attempt >= 6) throw new Error(`The meeting could not be started: the conference focus ${this.config.focus} answers "${e.condition ?? e.message}".`);
            }
            await wait(Math.min(1000 * attempt, 5000));
        }
    }

    #machineUid() {
        let uid = localStorage.getItem('jmeet-uid');
        if (!uid) {
            uid = [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, '0')).join('');
            localStorage.setItem('jmeet-uid', uid);
        }
        return uid;
    }

    #sendPresence(joining = false) {
        const presence = $pres({ to: this.myJid });
        if (joining) presence.c('x', { xmlns: NS.muc }).up();
        presence.c('nick', { xmlns: NS.nick }).t(this.displayName).up()
            .c('c', { xmlns: NS.caps, hash: 'sha-1', node: capsNode, ver: this.capsVersion }).up()
            .c('SourceInfo').t(JSON.stringify(this.sourceInfo)).up();
        this.xmpp.send(presence);
    }

    // What the others must know of my sources: { name: { muted, videoType } }.
    setSourceInfo(info) {
        this.sourceInfo = info;
        if (this.inRoom) this.#sendPresence();
    }

    #onPresence(presence) {
        const nick = Strophe.getResourceFromJid(presence.getAttribute('from'));
        const type = presence.getAttribute('type');
        const codes = [...presence.querySelectorAll('x > status')].map(s => s.getAttribute('code'));
        if (type === 'error') {
            const condition = presence.querySelector('error > *')?.tagName ?? 'unknown';
            if (!this.inRoom) this.dispatchEvent(new CustomEvent('refused', { detail: `The room refuses: ${condition}.` }));
            return;
        }
        if (nick === 'focus') return this.#onFocus(type, presence);
        if (nick === this.nick) {
            if (type === 'unavailable') {
                if (codes.includes('307')) this.dispatchEvent(new CustomEvent('ended', { detail: 'You were removed from the meeting.' }));
                else if (!this.xmpp.left) this.dispatchEvent(new CustomEvent('ended', { detail: 'The meeting has ended.' }));
            } else if (!this.inRoom) {
                this.inRoom = true;
                this.dispatchEvent(new Event('joined'));
            }
            return;
        }
        if (type === 'unavailable') {
            if (this.members.delete(nick)) this.dispatchEvent(new CustomEvent('left', { detail: nick }));
            return;
        }
        const known = this.members.has(nick);
        this.members.set(nick, {
            name: presence.querySelector('nick')?.textContent || 'Guest',
            sources: this.#parse(presence.querySelector('SourceInfo')?.textContent)
        });
        this.dispatchEvent(new CustomEvent(known ? 'changed' : 'came', { detail: nick }));
    }

    #onFocus(type, presence) {
        if (type === 'unavailable') {
            this.dispatchEvent(new CustomEvent('problem', { detail: 'The conference focus has left; waiting for it to come back.' }));
            return;
        }
        const noBridge = presence.querySelector('bridge-not-available');
        this.dispatchEvent(new CustomEvent('problem', { detail: noBridge ? 'No video bridge is available. The meeting starts as soon as one is.' : '' }));
    }

    #parse(text) {
        try { return JSON.parse(text ?? '{}') ?? {}; } catch { return {}; }
    }

    leave() {
        this.xmpp.send($pres({ to: this.myJid, type: 'unavailable' }));
        this.xmpp.disconnect();
    }
}
