// How long a person's pictures stood still: looked at in the page, twenty times a second.
const sampler = () => {
    const gap = { last: performance.now(), longest: 0, pc: undefined, frames: 0 };
    window.pictureGap = gap;
    clearInterval(window.pictureGapTimer);
    window.pictureGapTimer = setInterval(async () => {
        const pc = window.testClient.peerConnection();
        let frames = 0;
        try {
            for (const report of (await pc.getStats()).values()) {
                if (report.type === 'inbound-rtp' && report.kind === 'video') frames += report.framesDecoded ?? 0;
            }
        } catch { /* no connection at the moment */ }
        const now = performance.now();
        // A new connection counts from its first picture.
        if (pc !== gap.pc) { gap.pc = pc; gap.frames = 0; }
        if (frames > gap.frames) {
            gap.longest = Math.max(gap.longest, now - gap.last);
            gap.last = now;
        }
        gap.frames = frames;
    }, 50);
};

export const watchGap = people => Promise.all(people.map(p => p.page.evaluate(sampler)));
export const longestGap = async people => Math.round(Math.max(...await Promise.all(people.map(p => p.page.evaluate(() => window.pictureGap.longest)))));
