#include "xmpp/connection_failure.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace jmeet::xmpp {
namespace {

bool starts(std::string_view text, std::string_view with) { return text.starts_with(with); }

// "SASL SCRAM-SHA-1 auth failed" -> "SCRAM-SHA-1"
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    if (!starts(text, before)) return {};
    text.remove_prefix(before.size());
    const auto end = text.find(after);
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

// The condition is the failure's first child that is not <text/>.
std::string sasl_condition(std::string_view xml) {
    const auto failure = parse_element(xml);
    if (!failure) return {};
    for (const auto& child : failure->children()) {
        if (child.name() != "text") return child.name();
    }
    return {};
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string explain_connect(const ConnectionConfig& config, const ConnectionFailure& failure) {
    const std::string where = address_text(config);
    std::string text = "cannot connect to the XMPP server at " + where + ": ";
    text += failure.system_error ? std::strerror(failure.system_error) : "no connection";
    if (failure.system_error == ECONNREFUSED) {
        return text + ": is the XMPP server running there, and is its port published? check " +
               config.host_option;
    }
    return text + ": a firewall may drop it, or " + config.host_option + " is wrong";
}

std::string explain_component_stream(const ConnectionConfig& config,
                                     const ConnectionFailure& failure) {
    const std::string domain = config.jid.domain();
    if (failure.stream_error == "not-authorized") {
        return "component handshake of " + domain + " refused: not-authorized: check " +
               config.password_option + " against component_secret of the XMPP server";
    }
    if (failure.stream_error == "host-unknown") {
        return "the XMPP server at " + address_text(config) + " has no component " +
               quoted(domain) + ": add Component " + quoted(domain) +
               " with a component_secret to its configuration";
    }
    if (failure.stream_error == "conflict") {
        return "another program is connected as the component " + quoted(domain) +
               ": stop it, one is enough";
    }
    return {};
}

std::string explain_stream(const ConnectionConfig& config, const ConnectionFailure& failure) {
    if (config.kind == ConnectionConfig::Kind::component) {
        auto text = explain_component_stream(config, failure);
        if (!text.empty()) return text;
    }
    if (failure.stream_error == "host-unknown") {
        return "the XMPP server at " + address_text(config) + " does not serve the domain " +
               quoted(config.jid.domain()) + ": check " + config.domain_option + " and " +
               config.host_option;
    }
    if (failure.stream_error == "conflict") {
        return "another program logged in as " + config.jid.to_string() +
               " and took its place: run only one with this account and resource";
    }
    if (failure.stream_error == "system-shutdown") {
        return "the XMPP server at " + address_text(config) +
               " is shutting down: waiting for it to come back";
    }
    std::string text = "the XMPP server at " + address_text(config) + " ended the stream: " +
                       failure.stream_error;
    if (!failure.stream_error_text.empty()) text += " (" + failure.stream_error_text + ")";
    return text;
}

// Operators search for the beginning of this line, which is that of Jitsi's programs.
std::string explain_login(const ConnectionConfig& config, const ConnectionFailure& failure) {
    const std::string& mechanism = failure.sasl_mechanism;
    std::string text = "SASLError using " + (mechanism.empty() ? "SASL" : mechanism) + ": " +
                       failure.sasl_condition + ": check " + config.user_option + " / " +
                       config.password_option;
    // A server that keeps passwords for SCRAM gives no challenge to an account it does not know.
    if (failure.sasl_condition != "not-authorized" || !starts(mechanism, "SCRAM")) return text;
    if (failure.challenged) return text + ": the account exists, with another password";
    return text + ": the server has no account " + config.jid.bare().to_string();
}

std::string explain_tls(const ConnectionConfig& config, const ConnectionFailure& failure) {
    const std::string where = address_text(config);
    if (failure.tls_not_offered) {
        return "the XMPP server at " + where + " offers no TLS: give it a certificate for " +
               quoted(config.jid.domain()) + ", or allow an unencrypted login with " +
               config.tls_option;
    }
    if (!failure.certificate_error.empty()) {
        return "the certificate of the XMPP server at " + where + " for " +
               quoted(config.jid.domain()) + " is not trusted (" + failure.certificate_error +
               "): install its issuer on this machine, or switch verification off with " +
               config.verify_option;
    }
    return "the TLS handshake with the XMPP server at " + where +
           " failed: check its certificate and its TLS versions";
}

}  // namespace

void notice_log_line(std::string_view line, bool is_error, ConnectionFailure& failure,
                     SessionNotes& notes) {
    if (is_error) failure.library_error = line;
    constexpr std::string_view kConnectFailed = "connection failed, error ";
    if (starts(line, kConnectFailed)) {
        failure.connect_failed = true;
        failure.system_error = std::atoi(std::string(line.substr(kConnectFailed.size())).c_str());
    } else if (starts(line, "Connection attempt timed out")) {
        failure.connect_failed = true;
        failure.system_error = ETIMEDOUT;
    } else if (starts(line, "RECV: <challenge")) {
        if (failure.sasl_condition.empty()) failure.challenged = true;
    } else if (starts(line, "RECV: <failure")) {
        if (failure.sasl_condition.empty()) failure.sasl_condition = sasl_condition(line.substr(6));
    } else if (const auto mechanism = between(line, "SASL ", " auth failed"); !mechanism.empty()) {
        if (failure.sasl_mechanism.empty()) failure.sasl_mechanism = mechanism;
    } else if (starts(line, "TLS is not supported, but set as")) {
        failure.tls_not_offered = true;
    } else if (starts(line, "Couldn't start TLS")) {
        failure.tls_failed = true;
    } else if (starts(line, "Cannot authenticate with known methods")) {
        failure.no_mechanism = true;
    } else if (starts(line, "Session resumed successfully")) {
        notes.resumed = true;
        notes.can_resume = true;
    } else if (starts(line, "RECV: <features")) {
        notes.sm_offered = line.find("\"urn:xmpp:sm:3\"") != std::string_view::npos;
    } else if (starts(line, "RECV: <failed") && line.find("urn:xmpp:sm:3") != line.npos) {
        notes.sm_answered = true;
        notes.sm_refused = true;
        notes.resume_refused = notes.can_resume;
        notes.can_resume = false;
    } else if (starts(line, "RECV: <enabled")) {
        notes.sm_answered = true;
        notes.sm_refused = false;
        notes.can_resume = line.find("resume=\"true\"") != std::string_view::npos ||
                           line.find("resume=\"1\"") != std::string_view::npos;
    } else if (starts(line, "RECV: </stream:stream>")) {
        notes.can_resume = false;
    }
}

std::string host_of(const ConnectionConfig& config) {
    return config.host.empty() ? config.jid.domain() : config.host;
}

std::uint16_t port_of(const ConnectionConfig& config) {
    if (config.port != 0) return config.port;
    return config.kind == ConnectionConfig::Kind::client ? 5222 : 5347;
}

std::string address_text(const ConnectionConfig& config) {
    return host_of(config) + ":" + std::to_string(port_of(config));
}

std::string explain(const ConnectionConfig& config, const ConnectionFailure& failure) {
    if (!failure.given_up.empty()) return failure.given_up;
    if (!failure.resolve_error.empty()) {
        return "no address found for the XMPP server " + quoted(host_of(config)) + " (" +
               failure.resolve_error + "): check " + config.host_option + " and DNS";
    }
    if (failure.no_low_descriptor) {
        return "no file descriptor below 1024 is free for the XMPP connection: restart when idle, "
               "or lower the number of open files at start";
    }
    if (failure.connect_failed) return explain_connect(config, failure);
    if (!failure.sasl_condition.empty()) {
        return explain_login(config, failure);
    }
    if (failure.tls_not_offered || !failure.certificate_error.empty() || failure.tls_failed) {
        return explain_tls(config, failure);
    }
    if (!failure.stream_error.empty()) return explain_stream(config, failure);
    if (failure.no_mechanism) {
        return "the XMPP server at " + address_text(config) +
               " offers no login method that fits: without TLS it may offer none, check " +
               config.tls_option;
    }
    if (failure.login_timed_out) {
        return "the XMPP server at " + address_text(config) + " did not finish the login within " +
               std::to_string(kLoginLimit.count()) + " s: is it overloaded, or is this another "
               "service's port? check " + config.host_option;
    }
    std::string why = failure.system_error ? std::strerror(failure.system_error)
                      : !failure.library_error.empty() ? failure.library_error
                                                       : "it closed the connection";
    if (failure.was_connected) {
        return "connection to the XMPP server at " + address_text(config) + " lost: " + why;
    }
    return "login at the XMPP server at " + address_text(config) + " failed: " + why;
}

}  // namespace jmeet::xmpp
