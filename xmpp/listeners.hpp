// A list of callbacks whose members may come and go while it speaks.
//
// Owned by whoever has the news; a listener keeps the Subscription as a member and is deaf from
// the moment that it is destroyed or reset. One thread only.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace jmeet::xmpp {

// Ends the listening when it goes. Safe when the Listeners went first.
class Subscription {
 public:
    Subscription() = default;
    explicit Subscription(std::function<void()> cancel) : cancel_(std::move(cancel)) {}
    Subscription(Subscription&& other) noexcept : cancel_(std::exchange(other.cancel_, nullptr)) {}
    Subscription& operator=(Subscription&& other) noexcept {
        if (this != &other) {
            reset();
            cancel_ = std::exchange(other.cancel_, nullptr);
        }
        return *this;
    }
    ~Subscription() { reset(); }
    void reset() {
        if (auto cancel = std::exchange(cancel_, nullptr)) cancel();
    }

 private:
    std::function<void()> cancel_;
};

template <class... Args>
class Listeners {
 public:
    using Function = std::function<void(Args...)>;

    [[nodiscard]] Subscription add(Function function) {
        state_->entries.push_back({std::move(function), true});
        const auto entry = std::prev(state_->entries.end());
        return Subscription([weak = std::weak_ptr<State>(state_), entry] {
            const auto state = weak.lock();
            if (!state) return;
            entry->alive = false;
            if (state->speaking == 0) state->entries.erase(entry);
        });
    }

    void emit(Args... args) {
        // A listener may destroy the owner of this list: the state stays until the end.
        const auto state = state_;
        ++state->speaking;
        for (auto& entry : state->entries) {
            if (entry.alive) entry.function(args...);
        }
        if (--state->speaking == 0) {
            state->entries.remove_if([](const Entry& e) { return !e.alive; });
        }
    }

    std::size_t size() const { return state_->entries.size(); }

 private:
    struct Entry {
        Function function;
        bool alive;
    };
    struct State {
        std::list<Entry> entries;
        int speaking = 0;
    };
    // shared_ptr: Subscriptions ask through a weak_ptr whether the list still exists.
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace jmeet::xmpp
