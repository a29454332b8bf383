#include "focus/http/meet_page.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace jmeet::focus {
namespace {

constexpr std::uintmax_t kMaxPageBytes = 8 * 1024 * 1024;

std::string type_of(const std::filesystem::path& file) {
    static const std::map<std::string, std::string> kTypes{
        {".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},   {".svg", "image/svg+xml"},
        {".png", "image/png"},                 {".json", "application/json"},
        {".map", "application/json"},          {".txt", "text/plain; charset=utf-8"}};
    const auto found = kTypes.find(file.extension().string());
    return found == kTypes.end() ? "application/octet-stream" : found->second;
}

std::map<std::string, HttpResponse> read_folder(const std::filesystem::path& folder) {
    std::map<std::string, HttpResponse> files;
    std::uintmax_t total = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        total += entry.file_size();
        if (total > kMaxPageBytes) {
            throw std::runtime_error("the meeting page in " + folder.string() +
                                     " is larger than 8 MiB: is it the right folder?");
        }
        std::ifstream file(entry.path(), std::ios::binary);
        std::ostringstream content;
        content << file.rdbuf();
        if (!file) throw std::runtime_error("cannot read " + entry.path().string());
        const auto path = "/" + std::filesystem::relative(entry.path(), folder).generic_string();
        files[path] = {200, type_of(entry.path()), content.str(), {{"Cache-Control", "no-cache"}}};
    }
    return files;
}

std::string make_config_json(const MeetConfig& config) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json.Key("domain");
    json.String(config.domain);
    json.Key("muc");
    json.String(config.muc_domain);
    json.Key("focus");
    json.String("focus." + config.domain);
    json.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

MeetPage::MeetPage(MeetConfig config)
    : config_(std::move(config)),
      files_(read_folder(config_.folder)),
      config_json_(make_config_json(config_)) {}

awaitable<HttpResponse> MeetPage::serve(HttpRequest request) const {
    if (const auto file = files_.find(request.path); file != files_.end()) co_return file->second;
    // A path with an extension was meant to be a file; a room's name has none.
    const auto name = request.path.substr(request.path.find_last_of('/') + 1);
    if (name.find('.') != std::string::npos) co_return HttpResponse::empty(404);
    co_return files_.at("/index.html");
}

awaitable<HttpResponse> MeetPage::serve_config(HttpRequest) const {
    co_return HttpResponse::json(config_json_);
}

void MeetPage::add_routes(HttpServer& server) const {
    server.relay_upgrade("/xmpp-websocket", config_.prosody_host, config_.prosody_port);
    server.route("GET", "/config.json",
                 [this](HttpRequest request) { return serve_config(std::move(request)); });
    server.route("GET", "/*", [this](HttpRequest request) { return serve(std::move(request)); });
}

Result<void> MeetPage::listen(HttpServer& server) const {
    if (config_.http_port != 0) {
        const auto bound = server.listen(config_.http_address, config_.http_port);
        if (!bound) return bound.error();
    }
    if (config_.https_port != 0) {
        const auto bound = server.listen("0.0.0.0", config_.https_port, config_.tls);
        if (!bound) return bound.error();
    }
    return {};
}

}  // namespace jmeet::focus
