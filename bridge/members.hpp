// The endpoints of one conference, in the order in which they joined.
//
// Owned by the Conference and lent to its parts; media worker. LIMIT: kMaxEndpoints, checked where
// endpoints are created.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bridge/endpoint.hpp"

namespace jmeet::bridge {

class Members {
 public:
    Endpoint& add(std::unique_ptr<Endpoint> endpoint) {
        list_.push_back(std::move(endpoint));
        return *list_.back();
    }
    void remove(Endpoint& endpoint) {
        std::erase_if(list_, [&](const auto& e) { return e.get() == &endpoint; });
    }
    Endpoint* find(const EndpointId& id) const {
        for (const auto& e : list_) {
            if (e->id() == id) return e.get();
        }
        return nullptr;
    }
    const std::vector<std::unique_ptr<Endpoint>>& all() const { return list_; }
    bool empty() const { return list_.empty(); }
    std::size_t size() const { return list_.size(); }

    void broadcast(const std::string& text, const Endpoint* except = nullptr) const {
        for (const auto& e : list_) {
            if (e.get() != except) e->channel().send(text);
        }
    }

 private:
    std::vector<std::unique_ptr<Endpoint>> list_;
};

}  // namespace jmeet::bridge
