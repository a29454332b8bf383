#include "xmpp/disco.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "xmpp/data_form.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

std::string base64(const unsigned char* data, unsigned size) {
    std::string out(4 * ((size + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), data,
                                       static_cast<int>(size));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string sha1_base64(const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        return {};
    }
    return base64(digest.data(), size);
}

// XEP-0115 5.1 steps 6 and 7. False where two forms have one FORM_TYPE (5.4).
bool append_forms(const std::vector<Element>& elements, std::string& out) {
    std::map<std::string, DataForm> forms;
    for (const auto& element : elements) {
        DataForm form = DataForm::parse(element);
        const std::string form_type = form.form_type();
        if (form_type.empty()) continue;
        if (!forms.emplace(form_type, std::move(form)).second) return false;
    }
    for (const auto& [form_type, form] : forms) {
        out += form_type + "<";
        for (const auto& [var, values] : form.fields()) {
            if (var == "FORM_TYPE") continue;
            out += var + "<";
            auto sorted = values;
            std::sort(sorted.begin(), sorted.end());
            for (const auto& value : sorted) out += value + "<";
        }
    }
    return true;
}

}  // namespace

Result<DiscoInfo> parse_disco_info(const Element& query) {
    DiscoInfo info;
    for (const auto& child : query.children()) {
        if (child.is("identity", ns::kDiscoInfo)) {
            info.identities.push_back({child.get("category"), child.get("type"),
                                       child.get("xml:lang"), child.get("name")});
        } else if (child.is("feature", ns::kDiscoInfo)) {
            info.features.insert(child.get("var"));
        } else if (child.is("x", ns::kDataForms)) {
            info.forms.push_back(child);
        }
        if (info.features.size() + info.identities.size() > kMaxDiscoFeatures) {
            return fail("disco#info with more than 1000 features and identities");
        }
    }
    return info;
}

Element write_disco_info(const DiscoInfo& info, const std::string& node) {
    Element query("query", ns::kDiscoInfo);
    if (!node.empty()) query.set("node", node);
    for (const auto& identity : info.identities) {
        auto& element = query.add("identity");
        element.set("category", identity.category).set("type", identity.type);
        if (!identity.lang.empty()) element.set("xml:lang", identity.lang);
        if (!identity.name.empty()) element.set("name", identity.name);
    }
    for (const auto& feature : info.features) query.add("feature").set("var", feature);
    for (const auto& form : info.forms) query.add(form);
    return query;
}

std::string caps_hash(const DiscoInfo& info) {
    std::string text;
    auto identities = info.identities;
    std::sort(identities.begin(), identities.end());
    if (std::adjacent_find(identities.begin(), identities.end()) != identities.end()) return {};
    for (const auto& i : identities) {
        text += i.category + "/" + i.type + "/" + i.lang + "/" + i.name + "<";
    }
    for (const auto& feature : info.features) text += feature + "<";
    if (!append_forms(info.forms, text)) return {};
    return sha1_base64(text);
}

std::optional<EntityCaps> parse_caps(const Element& presence) {
    const Element* c = presence.child("c", ns::kCaps);
    if (!c) return {};
    EntityCaps caps{c->get("node"), c->get("ver"), c->get("hash")};
    if (caps.node.empty() || caps.ver.empty()) return {};
    return caps;
}

DiscoResponder::DiscoResponder(IqRouter& iq, DiscoInfo own, std::string caps_node)
    : own_(std::move(own)), node_(std::move(caps_node)), caps_("c", ns::kCaps) {
    for (const char* feature : {ns::kDiscoInfo, ns::kDiscoItems, ns::kCaps, ns::kPing}) {
        own_.features.insert(feature);
    }
    if (own_.identities.empty()) own_.identities.push_back({"client", "pc", "", ""});
    caps_.set("hash", "sha-1").set("node", node_).set("ver", caps_hash(own_));
    iq.handle_sync(IqType::get, "query", ns::kDiscoInfo,
                   [this](const Element& request) { return answer_info(request); });
    iq.handle_sync(IqType::get, "query", ns::kDiscoItems, [](const Element& request) {
        return make_result(request, Element("query", ns::kDiscoItems));
    });
}

Element DiscoResponder::answer_info(const Element& iq) const {
    const std::string node = iq.children().front().get("node");
    if (!node.empty() && node != node_ && node != node_ + "#" + caps_.get("ver")) {
        return make_error(iq, stanza_error("item-not-found"));
    }
    return make_result(iq, write_disco_info(own_, node));
}

awaitable<IqResult<DiscoInfo>> CapsCache::request_info(Jid entity, std::string node,
                                                       Duration deadline) {
    Element query("query", ns::kDiscoInfo);
    if (!node.empty()) query.set("node", node);
    const auto answer =
        co_await iq_.request(make_iq("get", entity.to_string(), std::move(query)), deadline);
    if (!answer) co_return answer.error();
    const Element* info = answer->child("query", ns::kDiscoInfo);
    if (!info) co_return stanza_error("undefined-condition", "disco#info result without a query");
    auto parsed = parse_disco_info(*info);
    if (!parsed) co_return stanza_error("undefined-condition", parsed.error().what);
    co_return std::move(*parsed);
}

awaitable<IqResult<DiscoInfo>> CapsCache::info_of(Jid entity, std::optional<EntityCaps> caps,
                                                  Duration deadline) {
    if (!caps) co_return co_await request_info(std::move(entity), {}, deadline);
    const std::string key = caps->hash + " " + caps->node + "#" + caps->ver;
    if (const DiscoInfo* known = find(key)) co_return *known;
    const auto started = Clock::now();
    // Another one asks for this version: wait for its answer, at most as long as for one's own.
    if (const auto asking = asking_.find(key); asking != asking_.end()) {
        asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
        asking->second.push_back(&timer);
        error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (const auto still = asking_.find(key); still != asking_.end()) {
            std::erase(still->second, &timer);
        }
        if (const DiscoInfo* known = find(key)) co_return *known;
        const auto left = deadline - (Clock::now() - started);
        if (left <= Duration::zero()) co_return stanza_error("remote-server-timeout");
        co_return co_await request_info(std::move(entity), caps->node + "#" + caps->ver, left);
    }
    asking_[key];
    auto info = co_await request_info(std::move(entity), caps->node + "#" + caps->ver, deadline);
    if (info && caps->hash == "sha-1" && caps_hash(*info) == caps->ver) remember(key, *info);
    const auto waiting = std::move(asking_[key]);
    asking_.erase(key);
    for (auto* timer : waiting) timer->cancel();
    co_return info;
}

const DiscoInfo* CapsCache::find(const std::string& key) {
    const auto found = known_.find(key);
    if (found == known_.end()) return nullptr;
    by_age_.splice(by_age_.end(), by_age_, found->second.age);
    return &found->second.info;
}

void CapsCache::remember(const std::string& key, DiscoInfo info) {
    if (known_.contains(key)) return;
    if (known_.size() >= kMaxCachedCaps) {
        known_.erase(by_age_.front());
        by_age_.pop_front();
    }
    by_age_.push_back(key);
    known_.emplace(key, Entry{std::move(info), std::prev(by_age_.end())});
}

}  // namespace jmeet::xmpp
