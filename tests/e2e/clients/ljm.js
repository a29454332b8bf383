// The smallest client on lib-jitsi-meet: joins, sends a fake camera and microphone, plays what comes.
// ?lib=old|given &room= &name= &video=0 &channel=websocket &codec=VP8 ...
// A room with a password: &roomPassword=. A secure domain: &guests=DOMAIN to come in as a guest, &user=JID &password= to log in.
const query = new URLSearchParams(location.search);
const config = await (await fetch('/config.json')).json();

await new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `lib/${query.get('lib')}.js`;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${script.src}`));
    document.head.append(script);
});
const JitsiMeetJS = window.JitsiMeetJS;
JitsiMeetJS.init({ disableAudioLevels: false, disableThirdPartyRequests: true, enableAnalyticsLogging: false });
JitsiMeetJS.setLogLevel(query.get('log') ?? 'info');

const client = window.testClient = { joined: false, events: [], elements: new Map() };
let conference;
let connection;
const locals = {};

client.peerConnection = () => conference?.jvbJingleSession?.peerconnection?.peerconnection;
client.participants = () => conference.getParticipants().map(p => ({ id: p.getId(), name: p.getDisplayName(), status: p.getConnectionStatus?.() }));
client.myId = () => conference.myUserId();
client.role = () => conference.getRole();
client.mute = async (kind, muted) => { await (muted ? locals[kind].mute() : locals[kind].unmute()); };
client.remoteMuted = () => [...client.elements.keys()].map(t => ({ owner: t.getParticipantId(), kind: t.getType(), muted: t.isMuted(), videoType: t.getVideoType?.() }));
client.constraints = c => conference.setReceiverConstraints(c);
client.dominant = () => client.events.filter(e => e[0] === 'dominant').at(-1)?.[1];
client.channelOpen = () => Boolean(conference.rtc._channel?.isOpen());
client.breakChannel = () => conference.rtc._channel._channel.close();
client.channelMode = () => conference.rtc._channel?._mode ?? conference.rtc._channel?.mode;
client.message = text => conference.sendMessage({ type: 'test', text }, '', true);
client.messages = () => client.events.filter(e => e[0] === 'message').map(e => e[1]);
client.stats = () => client.events.filter(e => e[0] === 'status');
client.restartIce = () => conference.restartJvbIce();
// The way in use: our port, our password's name, and what ICE has said since the first call.
client.way = async () => {
    const pc = client.peerConnection();
    if (!client.iceStates) {
        client.iceStates = [];
        pc.addEventListener('iceconnectionstatechange', () => client.iceStates.push(pc.iceConnectionState));
    }
    const stats = await pc.getStats();
    const transport = [...stats.values()].find(r => r.type === 'transport');
    const local = stats.get(stats.get(transport.selectedCandidatePairId)?.localCandidateId);
    return { port: local?.port, ufrag: local?.usernameFragment, states: client.iceStates, session: conference.jvbJingleSession.sid };
};
// The guest's user logs in beside it; it stays in the room.
client.logIn = (id, password) => conference.authenticateAndUpgradeRole({ id, password });
// What a moderator does.
client.muteOther = (id, kind) => conference.muteParticipant(id, kind);
client.grantOwner = id => conference.grantOwner(id);
client.kick = id => conference.kickParticipant(id);
client.lock = password => conference.lock(password);
client.kicked = () => client.events.some(e => e[0] === 'kicked');
client.errors = () => client.events.filter(e => e[0] === 'error');
client.shareScreen = async () => {
    // A canvas instead of a screen picker: headless Chromium has no screen.
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1280, 720];
    const draw = canvas.getContext('2d');
    setInterval(() => { draw.fillStyle = `hsl(${Date.now() / 20 % 360} 80% 50%)`; draw.fillRect(0, 0, 1280, 720); }, 66);
    const stream = canvas.captureStream(15);
    navigator.mediaDevices.getDisplayMedia = async () => stream;
    const [desktop] = await JitsiMeetJS.createLocalTracks({ devices: ['desktop'] });
    locals.desktop = desktop;
    await conference.addTrack(desktop);
};
client.stopShare = async () => { await conference.removeTrack(locals.desktop); await locals.desktop.dispose(); };
client.leave = async () => { await conference.leave(); await connection.disconnect(); };

const show = track => {
    if (track.isLocal()) return;
    const element = document.createElement(track.getType() === 'video' ? 'video' : 'audio');
    element.autoplay = true;
    element.playsInline = true;
    document.body.append(element);
    track.attach(element);
    client.elements.set(track, element);
};
const hide = track => { client.elements.get(track)?.remove(); client.elements.delete(track); };

const { conference: conferenceEvents, connection: connectionEvents } = JitsiMeetJS.events;
// ?xmpp=host:port: the WebSocket of Prosody itself instead of MAIN's.
const xmppHost = query.get('xmpp') ?? location.host;
const secure = location.protocol === 'https:' ? 'wss:' : 'ws:';
const common = {
    hosts: { domain: config.domain, muc: config.muc, focus: config.focus, ...(query.get('guests') ? { anonymousdomain: query.get('guests') } : {}) },
    serviceUrl: `${secure}//${xmppHost}/xmpp-websocket`,
    bosh: `${secure}//${xmppHost}/xmpp-websocket`,
    enableWebsocketResume: false,
    p2p: { enabled: false },
    bridgeChannel: { preferSctp: query.get('channel') !== 'websocket' },
    openBridgeChannel: query.get('channel') === 'websocket' ? 'websocket' : 'datachannel',
    ...(query.get('codec') ? { videoQuality: { codecPreferenceOrder: [query.get('codec')], preferredCodec: query.get('codec') } } : {}),
    ...(query.get('startMuted') ? { startAudioMuted: 0, startVideoMuted: 0 } : {}),
    flags: { sourceNameSignaling: true, sendMultipleVideoStreams: true, receiveMultipleVideoStreams: true, ssrcRewritingEnabled: query.get('rewriting') !== '0' },
    enableIceRestart: query.get('iceRestart') === '1',
    disableSimulcast: query.get('simulcast') === '0',
    testing: {},
    analytics: {}
};
connection = new JitsiMeetJS.JitsiConnection(null, null, common);
connection.addEventListener(connectionEvents.CONNECTION_FAILED, (...e) => client.events.push(['error', 'connection', ...e.map(String)]));
connection.addEventListener(connectionEvents.CONNECTION_ESTABLISHED, async () => {
    conference = connection.initJitsiConference(query.get('room'), common);
    client.conference = conference;
    conference.on(conferenceEvents.TRACK_ADDED, show);
    conference.on(conferenceEvents.TRACK_REMOVED, hide);
    conference.on(conferenceEvents.CONFERENCE_JOINED, () => { client.joined = true; });
    conference.on(conferenceEvents.CONFERENCE_FAILED, (...e) => client.events.push(['error', ...e.map(String)]));
    conference.on(conferenceEvents.USER_JOINED, id => client.events.push(['joined', id]));
    conference.on(conferenceEvents.USER_LEFT, id => client.events.push(['left', id]));
    conference.on(conferenceEvents.DOMINANT_SPEAKER_CHANGED, id => client.events.push(['dominant', id]));
    conference.on(conferenceEvents.ENDPOINT_MESSAGE_RECEIVED, (from, body) => client.events.push(['message', body.text ?? body.msgPayload?.text]));
    conference.on(conferenceEvents.KICKED, () => client.events.push(['kicked']));
    conference.on(conferenceEvents.DATA_CHANNEL_OPENED ?? 'conference.dataChannelOpened', () => client.events.push(['channel']));
    conference.setDisplayName(query.get('name'));
    const devices = [...(query.get('audio') === '0' ? [] : ['audio']), ...(query.get('video') === '0' ? [] : ['video'])];
    const tracks = devices.length ? await JitsiMeetJS.createLocalTracks({ devices, resolution: 720 }) : [];
    for (const track of tracks) { locals[track.getType()] = track; await conference.addTrack(track); }
    client.addCamera = async () => {
        const [camera] = await JitsiMeetJS.createLocalTracks({ devices: ['video'], resolution: 720 });
        locals.video = camera;
        await conference.addTrack(camera);
    };
    conference.join(query.get('roomPassword') ?? undefined);
    // Everybody's picture, as tile view asks for it.
    conference.setReceiverConstraints?.({ lastN: -1, defaultConstraints: { maxHeight: 720 } });
    if (!conference.setReceiverConstraints) { conference.setLastN(-1); conference.setReceiverVideoConstraint(720); }
});
connection.connect(query.get('user') ? { id: query.get('user'), password: query.get('password') } : undefined);
