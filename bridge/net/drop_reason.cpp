#include "bridge/net/drop_reason.hpp"

namespace jmeet::bridge {

std::string_view to_string(DropReason reason) {
    switch (reason) {
        case DropReason::empty_datagram: return "empty_datagram";
        case DropReason::oversize_datagram: return "oversize_datagram";
        case DropReason::unknown_first_byte: return "unknown_first_byte";
        case DropReason::unknown_address: return "unknown_address";
        case DropReason::wrong_worker_full: return "wrong_worker_full";
        case DropReason::worker_news_full: return "worker_news_full";
        case DropReason::endpoint_over_rate: return "endpoint_over_rate";
        case DropReason::strangers_over_rate: return "strangers_over_rate";
        case DropReason::stun_malformed: return "stun_malformed";
        case DropReason::stun_unknown_user: return "stun_unknown_user";
        case DropReason::stun_bad_integrity: return "stun_bad_integrity";
        case DropReason::stun_unmatched: return "stun_unmatched";
        case DropReason::stun_refused_address: return "stun_refused_address";
        case DropReason::stun_refused: return "stun_refused";
        case DropReason::dtls_unvalidated: return "dtls_unvalidated";
        case DropReason::dtls_malformed: return "dtls_malformed";
        case DropReason::dtls_busy: return "dtls_busy";
        case DropReason::srtp_not_ready: return "srtp_not_ready";
        case DropReason::srtp_malformed: return "srtp_malformed";
        case DropReason::srtp_auth: return "srtp_auth";
        case DropReason::srtp_replay: return "srtp_replay";
        case DropReason::srtp_too_many_ssrcs: return "srtp_too_many_ssrcs";
        case DropReason::rtp_malformed: return "rtp_malformed";
        case DropReason::rtp_unknown_ssrc: return "rtp_unknown_ssrc";
        case DropReason::rtp_unknown_payload_type: return "rtp_unknown_payload_type";
        case DropReason::rtp_unsignalled_source: return "rtp_unsignalled_source";
        case DropReason::rtp_source_over_rate: return "rtp_source_over_rate";
        case DropReason::rtp_duplicate: return "rtp_duplicate";
        case DropReason::rtp_padding_only: return "rtp_padding_only";
        case DropReason::rtp_probe: return "rtp_probe";
        case DropReason::rtp_fec: return "rtp_fec";
        case DropReason::rtp_too_old: return "rtp_too_old";
        case DropReason::rtp_force_muted: return "rtp_force_muted";
        case DropReason::rtp_silence: return "rtp_silence";
        case DropReason::rtp_not_loudest: return "rtp_not_loudest";
        case DropReason::rtcp_malformed: return "rtcp_malformed";
        case DropReason::not_forwarded: return "not_forwarded";
        case DropReason::layer_not_selected: return "layer_not_selected";
        case DropReason::no_key_frame_yet: return "no_key_frame_yet";
        case DropReason::no_send_address: return "no_send_address";
        case DropReason::pool_exhausted: return "pool_exhausted";
        case DropReason::send_no_buffer: return "send_no_buffer";
        case DropReason::send_refused: return "send_refused";
        case DropReason::count_: break;
    }
    return "unknown";
}

DropReason to_drop_reason(StunVerdict verdict) {
    switch (verdict) {
        case StunVerdict::unknown_user: return DropReason::stun_unknown_user;
        case StunVerdict::bad_integrity: return DropReason::stun_bad_integrity;
        case StunVerdict::unmatched: return DropReason::stun_unmatched;
        case StunVerdict::refused_address: return DropReason::stun_refused_address;
        case StunVerdict::refused: return DropReason::stun_refused;
        case StunVerdict::handled:
        case StunVerdict::malformed: break;
    }
    return DropReason::stun_malformed;
}

}  // namespace jmeet::bridge
