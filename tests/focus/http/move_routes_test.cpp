#include "focus/http/move_routes.hpp"

#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

HttpRequest request_with(std::map<std::string, std::string> query) {
    HttpRequest request;
    request.method = "GET";
    request.query = std::move(query);
    return request;
}

TEST_CASE_FIXTURE(Call, "moves over HTTP: what is missing, malformed, unknown, done") {
    LoadRedistributor& mover = focus->mover();
    const auto one = [&](std::map<std::string, std::string> q) {
        return move_endpoint(mover, request_with(std::move(q)));
    };
    CHECK(one({}).body == "Bad request: Missing parameter: conference");
    CHECK(one({}).status == 400);
    CHECK(one({{"conference", kRoom}}).body == "Bad request: Missing parameter: endpoint");
    CHECK(one({{"conference", "invalid jid@"}, {"endpoint", "aaaa"}}).body ==
          "Bad request: Invalid parameter: conference ID");
    CHECK(one({{"conference", "other@muc.meet.test"}, {"endpoint", "aaaa"}}).status == 404);
    CHECK(one({{"conference", kRoom}, {"endpoint", "aaaa"}, {"bridge", "jvb9"}}).body ==
          "Not found: Bridge not found");
    const auto moved = one({{"conference", kRoom}, {"endpoint", "aaaa"}});
    CHECK(moved.status == 200);
    CHECK(moved.body == R"({"movedEndpoints":1,"conferences":1})");

    const auto many = [&](std::map<std::string, std::string> q) {
        return move_endpoints(mover, request_with(std::move(q)));
    };
    CHECK(many({}).body == "Bad request: Missing parameter: bridge");
    CHECK(many({{"bridge", "jvb1"}, {"numEndpoints", "x"}}).status == 400);
    CHECK(many({{"bridge", "jvb1"}, {"numEndpoints", "-1"}}).status == 400);
    CHECK(many({{"bridge", "jvb1"}, {"conference", "other@muc.meet.test"}}).status == 404);
    CHECK(many({{"bridge", "jvb1"}, {"numEndpoints", "100"}}).status == 200);

    CHECK(move_fraction(mover, request_with({})).status == 400);
    CHECK(move_fraction(mover, request_with({{"bridge", "jvb1"}, {"fraction", "nan"}})).status ==
          400);
    CHECK(move_fraction(mover, request_with({{"bridge", "jvb1"}})).status == 200);
}

}  // namespace
}  // namespace jmeet::focus
