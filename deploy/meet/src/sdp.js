// SDP as the browser needs it: the offer that the bridge would have written, and what the browser answers.

const directionLine = { send: 'recvonly', receive: 'sendonly', off: 'inactive' };

// lines: [{ mid, kind: 'audio'|'video'|'data', use: 'send'|'receive'|'off', source }]. The offer is the
// bridge's: where we send, it says recvonly.
export function writeOffer(offer, lines, version) {
    const { transport } = offer;
    const sdp = [
        'v=0', `o=- 1923518516 ${version} IN IP4 0.0.0.0`, 's=-', 't=0 0',
        `a=group:BUNDLE ${lines.map(l => l.mid).join(' ')}`, 'a=extmap-allow-mixed', 'a=msid-semantic: WMS *'
    ];
    for (const line of lines) {
        if (line.kind === 'data') {
            sdp.push('m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=mid:${line.mid}`, 'a=sctp-port:5000', 'a=max-message-size:65536');
        } else {
            const media = offer.media[line.kind];
            const payloads = line.kind === 'video' ? preferVp8(media.payloads) : media.payloads;
            sdp.push(`m=${line.kind} 9 UDP/TLS/RTP/SAVPF ${payloads.map(p => p.id).join(' ')}`, 'c=IN IP4 0.0.0.0',
                `a=mid:${line.mid}`, `a=${directionLine[line.use]}`, 'a=rtcp-mux', 'a=rtcp:9 IN IP4 0.0.0.0');
            sdp.push(...payloads.flatMap(payloadLines), ...media.extensions.map(x => `a=extmap:${x.id} ${x.uri}`));
            if (line.use === 'receive') sdp.push(...sourceLines(line.source));
        }
        sdp.push(`a=ice-ufrag:${transport.ufrag}`, `a=ice-pwd:${transport.pwd}`,
            ...transport.fingerprints.map(f => `a=fingerprint:${f.hash} ${f.value}`), 'a=setup:actpass',
            ...transport.candidates.map(candidateLine));
    }
    return sdp.join('\r\n') + '\r\n';
}

// VP8 in three layers costs a browser least; everything else stays possible.
function preferVp8(payloads) {
    const vp8 = payloads.filter(p => p.name === 'VP8');
    return [...vp8, ...payloads.filter(p => !vp8.includes(p))];
}

function payloadLines(p) {
    const lines = [`a=rtpmap:${p.id} ${p.name}/${p.clockrate}${p.channels > 1 ? `/${p.channels}` : ''}`];
    if (p.parameters.length) {
        lines.push(`a=fmtp:${p.id} ${p.parameters.map(x => x.name ? `${x.name}=${x.value}` : x.value).join(';').replace(/;$/, '')}`);
    }
    return [...lines, ...p.feedback.map(f => `a=rtcp-fb:${p.id} ${f.type}${f.subtype ? ` ${f.subtype}` : ''}`)];
}

function sourceLines(source) {
    const msid = `${source.name} ${source.name}`;
    return [
        `a=msid:${msid}`,
        ...source.groups.map(g => `a=ssrc-group:${g.semantics} ${g.ssrcs.join(' ')}`),
        ...source.ssrcs.flatMap(s => [`a=ssrc:${s} cname:${source.owner}`, `a=ssrc:${s} msid:${msid}`])
    ];
}

function candidateLine(c) {
    const related = c['rel-addr'] ? ` raddr ${c['rel-addr']} rport ${c['rel-port']}` : '';
    return `a=candidate:${c.foundation} ${c.component} ${c.protocol} ${c.priority} ${c.ip} ${c.port} typ ${c.type}${related} generation ${c.generation ?? 0}`;
}

function sections(sdp) {
    return sdp.split(/\r?\n(?=m=)/).slice(1).map(section => section.split(/\r?\n/).filter(Boolean));
}

const value = (lines, name) => lines.find(l => l.startsWith(`a=${name}:`))?.slice(name.length + 3);

// { ufrag, pwd, fingerprint, setup } of a local description.
export function readTransport(sdp) {
    const lines = sdp.split(/\r?\n/);
    const [hash, fingerprint] = value(lines, 'fingerprint').split(' ');
    return { ufrag: value(lines, 'ice-ufrag'), pwd: value(lines, 'ice-pwd'), setup: value(lines, 'setup'), fingerprint: { hash, value: fingerprint } };
}

// mid -> { ssrcs, groups, msid } of what the browser sends.
export function readSent(sdp) {
    const sent = new Map();
    for (const lines of sections(sdp)) {
        if (!lines.some(l => l === 'a=sendonly' || l === 'a=sendrecv')) continue;
        const ssrcs = [...new Set(lines.filter(l => l.startsWith('a=ssrc:')).map(l => Number(l.slice(7).split(' ')[0])))];
        const groups = lines.filter(l => l.startsWith('a=ssrc-group:')).map(l => {
            const [semantics, ...numbers] = l.slice(13).split(' ');
            return { semantics, ssrcs: numbers.map(Number) };
        });
        const msid = value(lines, 'msid') ?? lines.find(l => /^a=ssrc:\d+ msid:/.test(l))?.replace(/^.*msid:/, '');
        if (ssrcs.length) sent.set(value(lines, 'mid'), { ssrcs, groups, msid });
    }
    return sent;
}

// Three simulcast layers on the m-line `mid` of an answer: two more SSRC pairs beside the browser's.
// `layers` keeps them the same over all later negotiations.
export function addSimulcast(sdp, mid, layers) {
    const parts = sdp.split(/(?=^m=)/m);
    return parts.map(part => {
        const lines = part.split('\r\n');
        if (value(lines, 'mid') !== mid || !lines.includes('a=sendonly')) return part;
        const fid = lines.find(l => l.startsWith('a=ssrc-group:FID '));
        if (!fid || part.includes('a=ssrc-group:SIM')) return part;
        const [first, firstRtx] = fid.slice('a=ssrc-group:FID '.length).split(' ').map(Number);
        layers.ssrcs ??= [[first, firstRtx], ...[0, 1].map(() => [randomSsrc(), randomSsrc()])];
        const pairs = layers.ssrcs;
        const attributeLines = lines.filter(l => l.startsWith(`a=ssrc:${first} `)).map(l => l.slice(`a=ssrc:${first} `.length));
        const kept = lines.filter(l => !l.startsWith('a=ssrc') && l !== '');
        return [...kept,
            `a=ssrc-group:SIM ${pairs.map(p => p[0]).join(' ')}`,
            ...pairs.map(p => `a=ssrc-group:FID ${p.join(' ')}`),
            ...pairs.flat().flatMap(s => attributeLines.map(a => `a=ssrc:${s} ${a}`))].join('\r\n') + '\r\n';
    }).join('');
}

const randomSsrc = () => 1 + crypto.getRandomValues(new Uint32Array(1))[0] % 0xfffffffe;
