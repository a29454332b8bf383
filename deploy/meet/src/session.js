// The Jingle session with the focus and the peer connection with the bridge.
//
// The bridge's side of the SDP is written here from what Jingle said: one m-line for each thing we
// send (microphone, camera, screen), one for each source that we receive, one for the data channel.
import { readOffer, readSources, writeRequest } from './jingle.js';
import { addSimulcast, readSent, readTransport, writeOffer } from './sdp.js';
import { $iq, NS } from './xmpp.js';

const localLines = { mic: 'audio', camera: 'video', screen: 'video' };

export class Session extends EventTarget {
    constructor(xmpp, room) {
        super();
        this.xmpp = xmpp;
        this.room = room;
        this.tracks = {};        // mic, camera, screen -> MediaStreamTrack
        this.work = Promise.resolve();
        xmpp.on({ ns: NS.jingle, name: 'iq', type: 'set', from: room.jid }, iq => this.#onJingle(iq));
    }

    // One negotiation after the other: the browser has one signalling state.
    #enqueue(step) {
        this.work = this.work.then(step).catch(e => {
            console.error('negotiation failed', e);
            this.dispatchEvent(new CustomEvent('problem', { detail: `The media connection failed: ${e.message}` }));
        });
        return this.work;
    }

    #onJingle(iq) {
        if (iq.getAttribute('from') !== `${this.room.jid}/focus`) return;
        const jingle = iq.querySelector('jingle');
        const action = jingle.getAttribute('action');
        this.xmpp.acknowledge(iq);
        if (action === 'session-initiate') return void this.#enqueue(() => this.#start(jingle));
        if (jingle.getAttribute('sid') !== this.offer?.sid) return;
        if (action === 'source-add') this.#enqueue(() => this.#change(readSources(jingle), []));
        if (action === 'source-remove') this.#enqueue(() => this.#change([], readSources(jingle)));
        if (action === 'session-terminate') this.#enqueue(() => this.#close());
    }

    async #start(jingle) {
        this.#close();
        this.offer = readOffer(jingle);
        this.version = 1;
        this.simulcast = {};
        this.sent = new Map();
        this.lines = [];
        this.#line('audio', 'send', { slot: 'mic' });
        this.#line('video', 'send', { slot: 'camera' });
        if (this.offer.data) this.#line('data', 'data');
        this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
        this.pc.ontrack = e => this.#onTrack(e);
        this.pc.oniceconnectionstatechange = () => this.#onIceState();
        if (this.offer.data) this.dispatchEvent(new CustomEvent('channel', { detail: this.pc.createDataChannel('JVB data channel', { protocol: 'http://jitsi.org/protocols/colibri' }) }));
        else if (this.offer.transport.webSockets.length) this.dispatchEvent(new CustomEvent('channel', { detail: new WebSocket(this.offer.transport.webSockets[0]) }));
        this.#addLines(readSources(jingle));
        await this.#negotiate();
        const transport = readTransport(this.pc.localDescription.sdp);
        const own = this.#ownSources();
        this.announced = new Map(own.map(s => [s.name, s]));
        const contents = ['audio', 'video'].filter(k => this.offer.media[k]).map(kind => ({
            kind, description: this.offer.media[kind], sources: own.filter(s => s.kind === kind)
        }));
        if (this.offer.data) contents.push({ kind: 'data' });
        await this.#request('session-accept', contents, transport);
        this.#publishSourceInfo();
    }

    #line(kind, use, more = {}) {
        const line = { mid: String(this.lines.length), kind, use, ...more };
        this.lines.push(line);
        return line;
    }

    #addLines(sources) {
        for (const source of sources) {
            if (source.owner === this.room.nick || source.owner === 'jvb') continue;
            if (this.lines.some(l => l.use === 'receive' && l.source.name === source.name)) continue;
            // An m-line cannot be taken away, but a free one of the same kind can be used again.
            const free = this.lines.find(l => l.use === 'off' && l.kind === source.kind);
            if (free) Object.assign(free, { use: 'receive', source });
            else this.#line(source.kind, 'receive', { source });
        }
    }

    async #change(added, removed) {
        if (!this.pc) return;
        for (const source of removed) {
            const line = this.lines.find(l => l.use === 'receive' && l.source.name === source.name);
            if (!line) continue;
            line.use = 'off';
            this.dispatchEvent(new CustomEvent('trackgone', { detail: line.source }));
        }
        this.#addLines(added);
        await this.#negotiate();
    }

    // Tracks of the page change; sources follow. slot: mic, camera or screen; track: null to stop.
    setTrack(slot, track) {
        this.tracks[slot] = track;
        return this.#enqueue(async () => {
            if (!this.pc) return;
            if (slot === 'screen' && track && !this.lines.some(l => l.slot === 'screen')) this.#line('video', 'send', { slot });
            await this.#negotiate();
            await this.#announce();
        });
    }

    async #negotiate() {
        const sdp = writeOffer(this.offer, this.lines, this.version++);
        await this.pc.setRemoteDescription({ type: 'offer', sdp });
        for (const transceiver of this.pc.getTransceivers()) {
            const line = this.lines.find(l => l.mid === transceiver.mid);
            if (line?.use !== 'send') continue;
            const track = this.tracks[line.slot] ?? null;
            await transceiver.sender.replaceTrack(track);
            transceiver.direction = track ? 'sendonly' : 'inactive';
        }
        const answer = await this.pc.createAnswer();
        const camera = this.lines.find(l => l.slot === 'camera');
        answer.sdp = addSimulcast(answer.sdp, camera.mid, this.simulcast);
        await this.pc.setLocalDescription(answer);
        this.sent = readSent(this.pc.localDescription.sdp);
    }

    #ownSources() {
        const names = { mic: `${this.room.nick}-a0`, camera: `${this.room.nick}-v0`, screen: `${this.room.nick}-v1` };
        return this.lines.filter(l => l.slot && this.tracks[l.slot] && this.sent.has(l.mid)).map(l => ({
            ...this.sent.get(l.mid), owner: this.room.nick, name: names[l.slot], slot: l.slot, kind: localLines[l.slot],
            videoType: l.slot === 'screen' ? 'desktop' : 'camera', msid: `${names[l.slot]}-1 ${names[l.slot]}-1`
        }));
    }

    // Tells the focus what we send now, where that is new or gone.
    async #announce() {
        const own = new Map(this.#ownSources().map(s => [s.name, s]));
        const added = [...own.values()].filter(s => !this.announced.has(s.name));
        const removed = [...this.announced.values()].filter(s => !own.has(s.name));
        this.announced = own;
        const contents = list => ['audio', 'video'].map(kind => ({ kind, sources: list.filter(s => s.kind === kind) })).filter(c => c.sources.length);
        if (removed.length) await this.#request('source-remove', contents(removed));
        if (added.length) await this.#request('source-add', contents(added));
        this.#publishSourceInfo();
    }

    #publishSourceInfo() {
        const info = {};
        for (const { name, slot, kind, videoType } of this.#ownSources()) {
            info[name] = { muted: !this.tracks[slot].enabled, ...(kind === 'video' ? { videoType } : {}) };
        }
        this.room.setSourceInfo(info);
    }

    // Mutes without a negotiation: silence or black is not sent, the others are told by presence.
    setEnabled(slot, enabled) {
        if (!this.tracks[slot]) return;
        this.tracks[slot].enabled = enabled;
        if (this.pc) this.#publishSourceInfo();
    }

    #request(action, contents, transport) {
        const names = { to: `${this.room.jid}/focus`, sid: this.offer.sid, initiator: this.offer.initiator, responder: this.room.myJid };
        return this.xmpp.request(writeRequest(action, names, contents, transport))
            .catch(e => { throw new Error(`the focus refuses ${action}: ${e.condition}`); });
    }

    #onTrack({ track, transceiver }) {
        const line = this.lines.find(l => l.mid === transceiver.mid);
        if (line?.use === 'receive') this.dispatchEvent(new CustomEvent('track', { detail: { track, source: line.source } }));
    }

    #onIceState() {
        const state = this.pc.iceConnectionState;
        this.dispatchEvent(new CustomEvent('ice', { detail: state }));
        if (state !== 'failed') return;
        // The focus invites again when it hears that ICE failed.
        this.xmpp.send($iq({ type: 'set', to: `${this.room.jid}/focus` })
            .c('jingle', { xmlns: NS.jingle, action: 'session-info', sid: this.offer.sid, initiator: this.offer.initiator })
            .c('ice-state', { xmlns: NS.focus }).t('failed'));
    }

    #close() {
        if (!this.pc) return;
        for (const line of this.lines.filter(l => l.use === 'receive')) this.dispatchEvent(new CustomEvent('trackgone', { detail: line.source }));
        this.pc.close();
        this.pc = null;
        this.offer = null;
    }

    leave() { this.#close(); }
}
