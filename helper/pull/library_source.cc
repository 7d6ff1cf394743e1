// An image in a container library: GET /v1/images/PATH:TAG?arch= tells
// {"data":{"hash":"sha256.HEX", "size":N}}, and /v1/imagefile/PATH:TAG?arch= has the bytes
// (scs-library-client). Only public images. The job owner's rights.
#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include "helper/fetch/transfer.h"
#include "helper/pull/source.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxAnswer = 1U << 20U;
constexpr JsonRules kLibraryAnswer = {
    .code = Code::temporary, .max_bytes = kMaxAnswer, .max_depth = kForeignJsonDepth};

/// As Go calls this machine.
std::string architecture() {
  struct utsname name {};
  ::uname(&name);
  const std::string machine = name.machine;
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return machine;
}

/// What "data" of the library's answer is. Errors: Code::temporary, to follow the address.
Result<nlohmann::json> data_of(const HttpReply& reply) {
  if (reply.status != 200) {
    return fail(Code::temporary, "HTTP status " + std::to_string(reply.status));
  }
  SG_TRY(nlohmann::json answer, json_tree<nlohmann::json>(reply.body, kLibraryAnswer));
  const auto data = answer.find("data");
  if (data == answer.end() || !data->is_object()) {
    return fail(Code::temporary, "the answer has no 'data'");
  }
  return std::move(*data);
}

std::optional<std::string> hash_of(const nlohmann::json& data) {
  const auto hash = data.find("hash");
  if (hash == data.end() || !hash->is_string()) return std::nullopt;
  return hash->get<std::string>();
}

class LibrarySource final : public Source {
 public:
  LibrarySource(const ImageUri& uri, const PullSettings& settings)
      : uri_(uri), base_(settings.base_of(uri.host)), what_(place_of(uri.reference)) {}

  Status find() {
    HttpRequest ask;
    ask.url = base_ + "/v1/images/" + what_;
    SG_TRY(const HttpReply reply, http_ask(ask, kMaxAnswer));
    if (reply.status == 404) return fail(Code::no_input, "there is no " + ask.url);
    if (reply.status == 401 || reply.status == 403) {
      return fail(Code::no_input, "the library shows " + ask.url + " to its owner alone",
                  "pull it with apptainer, and name the file");
    }
    auto answer = data_of(reply);
    if (!answer) return tl::unexpected(std::move(answer).error().prepend(ask.url));
    const nlohmann::json& data = *answer;
    const std::string text = hash_of(data).value_or("");
    const auto bytes = data.find("size");
    const auto hex = from_hex(text.starts_with("sha256.") ? text.substr(7) : "");
    if (!hex || hex->size() != 32 || bytes == data.end() || !bytes->is_number_unsigned()) {
      return fail(Code::temporary, ask.url + " gives a malformed answer");
    }
    digest = to_hex(*hex);
    named = "sha256." + digest;
    size = bytes->get<std::uint64_t>();
    return {};
  }

  std::optional<bool> is_same_as(const std::string& reference) override {
    HttpRequest ask;
    ask.url = base_ + "/v1/images/" + place_of(reference);
    const auto reply = http_ask(ask, kMaxAnswer);
    if (!reply) return std::nullopt;
    if (reply->status == 404) return false;
    const auto data = data_of(*reply);
    const auto hash = data ? hash_of(*data) : std::nullopt;
    if (!hash) return std::nullopt;
    return to_lower(*hash) == named;
  }

  Status stream(const std::function<bool(std::span<const std::byte>)>& take) override {
    HttpRequest ask;
    ask.url = base_ + "/v1/imagefile/" + what_;
    return http_stream(ask, take);
  }

 private:
  [[nodiscard]] std::string place_of(const std::string& reference) const {
    return uri_.path + ":" + reference + "?arch=" + architecture();
  }

  const ImageUri uri_;
  std::string base_, what_;
};

}  // namespace

Result<std::unique_ptr<Source>> find_library(const ImageUri& uri, const PullSettings& settings) {
  auto source = std::make_unique<LibrarySource>(uri, settings);
  SG_CHECK(source->find());
  return source;
}

}  // namespace sifguard
