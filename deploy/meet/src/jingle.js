// Jingle elements into plain objects, and back.
import { $iq, NS } from './xmpp.js';

const SSMA = 'urn:xmpp:jingle:apps:rtp:ssma:0';
const attributes = element => Object.fromEntries([...element.attributes].map(a => [a.name, a.value]));
const all = (element, selector) => [...element.querySelectorAll(`:scope > ${selector}`)];

// { media: { audio, video }, transport, data } of a session-initiate.
export function readOffer(jingle) {
    const offer = { media: {}, sid: jingle.getAttribute('sid'), initiator: jingle.getAttribute('initiator'), data: false };
    for (const content of all(jingle, 'content')) {
        const description = content.querySelector('description');
        const kind = description?.getAttribute('media') ?? content.getAttribute('name');
        offer.transport ??= readTransport(content.querySelector('transport'));
        if (kind === 'audio' || kind === 'video') offer.media[kind] = readDescription(description);
        else offer.data = true;
    }
    return offer;
}

function readDescription(description) {
    return {
        payloads: all(description, 'payload-type').map(p => ({
            ...attributes(p),
            parameters: all(p, 'parameter').map(attributes),
            feedback: all(p, 'rtcp-fb').map(attributes)
        })),
        extensions: all(description, 'rtp-hdrext').map(attributes),
        allowMixed: Boolean(description.querySelector('extmap-allow-mixed'))
    };
}

function readTransport(transport) {
    return {
        ufrag: transport.getAttribute('ufrag'),
        pwd: transport.getAttribute('pwd'),
        fingerprints: all(transport, 'fingerprint').map(f => ({ ...attributes(f), value: f.textContent.trim() })),
        candidates: all(transport, 'candidate').map(attributes),
        webSockets: all(transport, 'web-socket').map(w => w.getAttribute('url'))
    };
}

// The compact JSON form of sources: [{ owner, name, kind, ssrcs, groups, videoType }], one per source.
export function readSources(jingle) {
    const text = all(jingle, 'json-message')[0]?.textContent;
    if (!text) return [];
    let message;
    try { message = JSON.parse(text); } catch { return []; }
    const sources = [];
    for (const [owner, [video = [], videoGroups = [], audio = [], audioGroups = []]] of Object.entries(message.sources ?? {})) {
        for (const [kind, list, groups] of [['video', video, videoGroups], ['audio', audio, audioGroups]]) {
            const byName = new Map();
            for (const { s, n, v } of list) {
                const source = byName.get(n) ?? { owner, name: n ?? `${owner}-${kind}-${s}`, kind, ssrcs: [], groups: [], videoType: v ? 'desktop' : 'camera' };
                source.ssrcs.push(s);
                byName.set(n, source);
            }
            for (const [semantics, ...ssrcs] of groups) {
                const source = [...byName.values()].find(x => x.ssrcs.includes(ssrcs[0]));
                source?.groups.push({ semantics: semantics === 's' ? 'SIM' : 'FID', ssrcs });
            }
            sources.push(...byName.values());
        }
    }
    return sources;
}

// A Jingle request about the contents { kind: [sources] }, sources as above with an msid.
export function writeRequest(action, { to, sid, initiator, responder }, contents, transport) {
    const iq = $iq({ type: 'set', to }).c('jingle', { xmlns: NS.jingle, action, sid, initiator, responder });
    for (const { kind, description, sources } of contents) {
        iq.c('content', { creator: 'responder', name: kind, senders: 'both' });
        if (kind !== 'data') {
            iq.c('description', { xmlns: 'urn:xmpp:jingle:apps:rtp:1', media: kind });
            if (description) writePayloads(iq, description);
            for (const source of sources ?? []) writeSource(iq, source);
            iq.up();
        }
        if (transport) writeTransport(iq, transport, kind === 'data');
        iq.up();
    }
    return iq;
}

function writePayloads(iq, description) {
    for (const p of description.payloads) {
        iq.c('payload-type', { id: p.id, name: p.name, clockrate: p.clockrate, ...(p.channels ? { channels: p.channels } : {}) }).up();
    }
    iq.c('rtcp-mux').up();
}

function writeSource(iq, source) {
    for (const ssrc of source.ssrcs) {
        iq.c('source', { xmlns: SSMA, ssrc, name: source.name, ...(source.kind === 'video' ? { videoType: source.videoType } : {}) })
            .c('parameter', { xmlns: 'urn:xmpp:jingle:apps:rtp:1', name: 'msid', value: source.msid }).up().up();
    }
    for (const group of source.groups) {
        iq.c('ssrc-group', { xmlns: SSMA, semantics: group.semantics });
        for (const ssrc of group.ssrcs) iq.c('source', { ssrc }).up();
        iq.up();
    }
}

function writeTransport(iq, transport, data) {
    iq.c('transport', { xmlns: 'urn:xmpp:jingle:transports:ice-udp:1', ufrag: transport.ufrag, pwd: transport.pwd });
    if (data) iq.c('sctpmap', { xmlns: 'urn:xmpp:jingle:transports:dtls-sctp:1', number: 5000, protocol: 'webrtc-datachannel', streams: 0 }).up();
    iq.c('fingerprint', { xmlns: 'urn:xmpp:jingle:apps:dtls:0', hash: transport.fingerprint.hash, setup: transport.setup })
        .t(transport.fingerprint.value).up();
    iq.c('rtcp-mux').up().up();
}
