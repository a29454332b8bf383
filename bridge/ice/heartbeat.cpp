#include "bridge/ice/heartbeat.hpp"

namespace jmeet::bridge {
namespace {

constexpr std::string_view kAsker = "focus";

}  // namespace

std::size_t HeartbeatResponder::answer(BytesView request, const Address& from, Bytes out) const {
    const auto message = StunMessage::parse(request);
    if (!message || !message->is_binding(StunClass::request)) return 0;
    if (ufrag_.empty() || message->receiver_ufrag() != ufrag_) return 0;
    if (!message->check_integrity(key_)) return 0;
    StunWriter writer(out, StunClass::success, message->transaction());
    if (from.is_v4()) writer.xor_mapped_address(from);  // an IPv6 one may outgrow the question
    return writer.finish(&key_);
}

std::size_t HeartbeatAsker::ask(std::uint64_t number, Bytes out) const {
    StunWriter writer(out, StunClass::request, transaction_of(number));
    writer.username(ufrag_, kAsker);
    return writer.finish(&key_);
}

std::optional<std::uint64_t> HeartbeatAsker::read(BytesView answer) const {
    const auto message = StunMessage::parse(answer);
    if (!message || !message->is_binding(StunClass::success)) return {};
    if (!message->check_integrity(key_)) return {};
    const TransactionId transaction = message->transaction();
    std::uint64_t number = 0;
    for (std::size_t i = 4; i < transaction.size(); ++i) number = number << 8 | transaction[i];
    if (transaction_of(number) != transaction) return {};
    return number;
}

TransactionId HeartbeatAsker::transaction_of(std::uint64_t number) const {
    TransactionId transaction{};
    for (std::size_t i = 0; i < 4; ++i) {
        transaction[i] = static_cast<std::uint8_t>(salt_ >> (8 * i));
    }
    for (std::size_t i = 0; i < 8; ++i) {
        transaction[4 + i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    }
    return transaction;
}

}  // namespace jmeet::bridge
