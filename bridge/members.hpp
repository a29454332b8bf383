// The endpoints of one conference, in the order in which they joined.
//
// Owned by the Conference and lent to its parts; media worker. LIMIT: kMaxEndpoints, checked where
// endpoints are created.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bridge/endpoint.hpp"

namespace jmeet::bridge {

class Members {
 public:
    Endpoint& add(std::unique_ptr<Endpoint> endpoint) {
        by_id_[endpoint->id()] = endpoint.get();
        list_.push_back(std::move(endpoint));
        return *list_.back();
    }
    void remove(Endpoint& endpoint) {
        by_id_.erase(endpoint.id());
        std::erase_if(list_, [&](const auto& e) { return e.get() == &endpoint; });
    }
    Endpoint* find(const EndpointId& id) const {
        const auto it = by_id_.find(id);
        return it == by_id_.end() ? nullptr : it->second;
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
    std::unordered_map<EndpointId, Endpoint*> by_id_;
};

}  // namespace jmeet::bridge
