#include "focus/bridges/link_local.hpp"

namespace jmeet::focus {

using xmpp::colibri2::ConferenceModified;
using xmpp::colibri2::Refusal;

awaitable<BridgeAnswer> LinkLocal::modify(xmpp::colibri2::ConferenceModify request) {
    auto answer = co_await calls_.modify(std::move(request));
    if (answer) co_return std::move(*answer);
    co_return answer.error();
}

awaitable<BridgeAnswer> LinkLocal::check_health() {
    const std::string trouble = calls_.health ? calls_.health() : std::string();
    if (trouble.empty()) co_return ConferenceModified{};
    co_return Refusal{"internal-server-error", {}, trouble, {}};
}

}  // namespace jmeet::focus
