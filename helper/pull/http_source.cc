// An image on a web server. The job owner's rights; credentials from the owner's ~/.netrc.
#include "helper/fetch/transfer.h"
#include "helper/pull/credentials.h"
#include "helper/pull/source.h"

namespace sifguard {
namespace {

class HttpSource final : public Source {
 public:
  HttpSource(const ImageUri& uri, const PullSettings& settings) {
    request_.url = settings.base_of(uri.host) + "/" + uri.path;
    if (!uri.reference.empty()) request_.url += "?" + uri.reference;
    const std::string home = own_home();
    if (!home.empty()) request_.netrc = home + "/.netrc";
  }

  Status find() {
    HttpRequest ask = request_;
    ask.head = true;
    SG_TRY(HttpReply reply, http_ask(ask, 0));
    // A presigned address is signed for GET alone, and some servers have no HEAD at all.
    if (reply.status == 403 || reply.status == 405 || reply.status == 501) {
      ask.head = false;
      ask.peek = true;
      SG_TRY(reply, http_ask(ask, 0));
    }
    if (reply.status == 401 || reply.status == 403) {
      return fail(Code::no_input, "you may not read " + request_.url,
                  "put the password into ~/.netrc");
    }
    if (reply.status == 404 || reply.status == 410) {
      return fail(Code::no_input, "there is no " + request_.url);
    }
    if (reply.status != 200 && reply.status != 206) {
      return fail(Code::temporary, request_.url + ": HTTP status " + std::to_string(reply.status));
    }
    if (reply.length == 0) {
      return fail(Code::no_input, "the server does not say how long " + request_.url + " is");
    }
    size = reply.length;
    const auto tag = reply.headers.find("etag");
    // A weak one stays the same for other bytes of "equivalent" content (RFC 9110 8.8.1).
    if (tag != reply.headers.end() && tag->second.starts_with('"')) validator = tag->second;
    return {};
  }

  Status stream(const std::function<bool(std::span<const std::byte>)>& take) override {
    return http_stream(request_, take);
  }

 private:
  HttpRequest request_;
};

}  // namespace

Result<std::unique_ptr<Source>> find_https(const ImageUri& uri, const PullSettings& settings) {
  auto source = std::make_unique<HttpSource>(uri, settings);
  SG_CHECK(source->find());
  return source;
}

}  // namespace sifguard
