#include "focus/visitors.hpp"

#include <spdlog/fmt/fmt.h>

namespace jmeet::focus {

Visitors::Visitors(const asio::any_io_executor& executor, Duration interval, Tell tell)
    : interval_(interval), tell_(std::move(tell)), timer_(executor) {}

void Visitors::add(const std::vector<std::string>& codecs) {
    ++count_;
    on_count();
    if (codecs_.add(codecs)) tell_codecs();
}

void Visitors::remove(const std::vector<std::string>& codecs) {
    --count_;
    on_count();
    if (codecs_.remove(codecs)) tell_codecs();
}

void Visitors::change(const std::vector<std::string>& before,
                      const std::vector<std::string>& now) {
    if (before == now) return;
    const std::vector<std::string> common = codecs_.common();
    codecs_.remove(before);
    codecs_.add(now);
    if (codecs_.common() != common) tell_codecs();
}

void Visitors::on_count() {
    if (timer_.running()) return;
    const auto now = Clock::now();
    if (!told_ || now - *told_ >= interval_) return tell_count();
    timer_.start(*told_ + interval_ - now, [this] { tell_count(); });
}

void Visitors::tell_count() {
    told_ = Clock::now();
    tell_("visitor-count", std::to_string(count_));
}

void Visitors::tell_codecs() {
    tell_("visitor-codecs", fmt::format("{}", fmt::join(codecs_.common(), ",")));
}

}  // namespace jmeet::focus
