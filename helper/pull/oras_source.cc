// An image in an OCI registry (OCI distribution specification 1.1), as `apptainer push` puts it
// there: a manifest with one layer of type application/vnd.sylabs.sif.layer.v1.sif. The job owner's
// rights and credentials.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "helper/fetch/transfer.h"
#include "helper/pull/challenge.h"
#include "helper/pull/credentials.h"
#include "helper/pull/source.h"
#include "keystore/base/ascii.h"
#include "keystore/base/fd.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxManifest = 4U << 20U;
constexpr int kMaxPages = 100;  // of tags
constexpr JsonRules kRegistryAnswer = {
    .code = Code::temporary, .max_bytes = kMaxManifest, .max_depth = kForeignJsonDepth};
constexpr std::size_t kMaxToken = 64U << 10U;
constexpr const char* kAccept =
    "Accept: application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view kSifLayer = "application/vnd.sylabs.sif.layer.v1.sif";

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

/// Talks to one registry about one repository; logs in when it is asked to.
class Registry {
 public:
  Registry(const ImageUri& uri, const PullSettings& settings)
      : uri_(uri), base_(settings.base_of(uri.host)) {}

  [[nodiscard]] HttpRequest request(const std::string& what) const {
    HttpRequest made;
    made.url = base_ + "/v2/" + uri_.path + "/" + what;
    made.headers = {kAccept};
    if (token_) {
      made.bearer = &*token_;
    } else if (basic_ && credentials_) {
      made.credentials = &*credentials_;
    }
    return made;
  }

  /// The answer, whatever its status, after logging in where that is asked for.
  Result<HttpReply> get(const std::string& what) {
    if (!looked_) {
      SG_TRY(credentials_, own_credentials(uri_.host));
      looked_ = true;
    }
    SG_TRY(HttpReply reply, http_ask(request(what), kMaxManifest));
    if (reply.status != 401) return reply;
    SG_CHECK(log_in(reply));
    return http_ask(request(what), kMaxManifest);
  }

  Result<std::string> manifest() {
    SG_TRY(HttpReply reply, get("manifests/" + uri_.reference));
    if (reply.status == 200) return std::move(reply.body);
    const std::string name = uri_.text();
    if (reply.status == 401 || reply.status == 403) {
      return fail(Code::no_input, uri_.host + " does not let you read " + name,
                  credentials_ ? "check the password: apptainer registry login"
                               : "log in with apptainer registry login oras://" + uri_.host);
    }
    if (reply.status == 404) return fail(Code::no_input, "there is no " + name);
    return fail(Code::temporary,
                uri_.host + " answers with HTTP status " + std::to_string(reply.status));
  }

 private:
  Status log_in(const HttpReply& refused) {
    const auto header = refused.headers.find("www-authenticate");
    if (header == refused.headers.end()) return {};
    SG_TRY(Challenge challenge, parse_challenge(header->second));
    if (!challenge.bearer) {
      basic_ = true;
      return {};
    }
    const std::string& realm = challenge.parameters["realm"];
    const bool plain = realm.starts_with("http://") && base_.starts_with("http://");
    if (!realm.starts_with("https://") && !plain) {
      return fail(Code::refused, uri_.host + " wants the password sent without TLS");
    }
    HttpRequest ask;
    ask.url = realm + (realm.find('?') == std::string::npos ? "?" : "&") +
              "service=" + escape(challenge.parameters["service"]) +
              "&scope=" + escape("repository:" + uri_.path + ":pull");
    if (credentials_) ask.credentials = &*credentials_;
    SG_TRY(const HttpReply reply, http_ask(ask, kMaxToken));
    const auto json = json_tree<nlohmann::json>(reply.body, kRegistryAnswer);
    if (reply.status != 200 || !json) {
      return fail(Code::no_input, uri_.host + " gives no token",
                  "log in with apptainer registry login oras://" + uri_.host);
    }
    std::string token = text_of(*json, "token");
    if (token.empty()) token = text_of(*json, "access_token");
    const bool usable = !token.empty() && token.find_first_of(" \r\n\t") == std::string::npos;
    if (!usable) return fail(Code::temporary, uri_.host + " gives a token that is none");
    token_ = std::move(token);
    return {};
  }

  static std::string escape(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_') {
        escaped += c;
      } else {
        escaped += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
      }
    }
    return escaped;
  }

  const ImageUri& uri_;
  std::string base_;
  std::optional<SecretBytes> credentials_;
  std::optional<std::string> token_;
  bool basic_ = false;
  bool looked_ = false;  ///< for credentials
};

/// What a manifest says of the one layer that is a SIF.
struct Layer {
  std::uint64_t size = 0;
  std::string digest;  ///< 64 lower-case hexadecimal digits
};

/// Errors: Code::no_input, to follow the image's name.
Result<Layer> layer_of(const std::string& text) {
  const auto manifest = json_tree<nlohmann::json>(text, kRegistryAnswer);
  if (!manifest) {
    return fail(Code::no_input,
                "has no manifest that can be read (" + manifest.error().what() + ")");
  }
  const auto layers = manifest->find("layers");
  if (layers == manifest->end() || !layers->is_array() || layers->size() != 1 ||
      !layers->front().is_object() || text_of(layers->front(), "mediaType") != kSifLayer) {
    return fail(Code::no_input, "is no SIF image");
  }
  const auto& layer = layers->front();
  const auto bytes = layer.find("size");
  const std::string name = text_of(layer, "digest");
  const auto hex = from_hex(name.starts_with("sha256:") ? name.substr(7) : "");
  if (bytes == layer.end() || !bytes->is_number_unsigned() || !hex || hex->size() != 32) {
    return fail(Code::no_input, "has a malformed manifest");
  }
  return Layer{bytes->get<std::uint64_t>(), to_hex(*hex)};
}

/// "TARGET" of a header "<TARGET>; rel=\"next\"" (RFC 8288); empty if there is none.
std::string next_page(const HttpReply& reply) {
  const auto link = reply.headers.find("link");
  if (link == reply.headers.end() || !link->second.starts_with('<')) return {};
  return link->second.substr(1, link->second.find('>') - 1);
}

/// As the OCI distribution specification has them, which go into an address as they are.
bool is_tag(const std::string& text) {
  constexpr std::size_t kMaxTag = 128;
  return !text.empty() && text.size() <= kMaxTag && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

/// Adds the tags of one page; false for what is none.
bool add_tags(const HttpReply& reply, std::vector<std::string>& tags) {
  const auto json = json_tree<nlohmann::json>(reply.body, kRegistryAnswer);
  if (reply.status != 200 || !json) return false;
  const auto list = json->find("tags");
  if (list == json->end()) return false;
  if (list->is_null()) return true;
  if (!list->is_array()) return false;
  for (const auto& tag : *list) {
    if (!tag.is_string() || !is_tag(tag.get<std::string>())) return false;
    tags.push_back(tag.get<std::string>());
  }
  return true;
}

class OrasSource final : public Source {
 public:
  OrasSource(const ImageUri& uri, const PullSettings& settings)
      : uri_(uri), registry_(uri_, settings) {}

  Status find() {
    SG_TRY(const std::string text, registry_.manifest());
    const auto layer = layer_of(text);
    if (!layer) {
      return fail(Code::no_input, uri_.place() + " " + layer.error().what(),
                  "push a SIF there with apptainer push");
    }
    SG_TRY(const Sha256Digest hash, sha256(as_bytes(text)));
    named = "sha256:" + to_hex(hash);
    if (uri_.by_digest() && uri_.reference != named) {
      return fail(Code::temporary, uri_.host + " sends another manifest than " + uri_.text());
    }
    size = layer->size;
    digest = layer->digest;
    return {};
  }

  std::optional<bool> is_same_as(const std::string& reference) override {
    const auto reply = registry_.get("manifests/" + reference);
    if (!reply || (reply->status != 200 && reply->status != 404)) return std::nullopt;
    if (reply->status == 404) return false;
    const auto layer = layer_of(reply->body);
    return layer && layer->digest == digest;  // what is no SIF is another image
  }

  std::optional<std::vector<std::string>> tags() override {
    const std::string base = "/v2/" + uri_.path + "/";
    std::string what = "tags/list";
    std::vector<std::string> all;
    for (int page = 0; page < kMaxPages; ++page) {
      const auto reply = registry_.get(what);
      if (!reply || !add_tags(*reply, all)) return std::nullopt;
      const std::string next = next_page(*reply);
      if (next.empty()) return all;
      if (!next.starts_with(base + "tags/list?")) return std::nullopt;
      what = next.substr(base.size());
    }
    return std::nullopt;
  }

  Status stream(const std::function<bool(std::span<const std::byte>)>& take) override {
    return http_stream(registry_.request("blobs/sha256:" + digest), take);
  }

 private:
  ImageUri uri_;
  Registry registry_;
};

}  // namespace

std::string PullSettings::base_of(const std::string& host) const {
  for (const std::string& plain : plain_hosts) {
    if (plain == host) return "http://" + host;
  }
  return "https://" + host;
}

Result<std::unique_ptr<Source>> find_oras(const ImageUri& uri, const PullSettings& settings) {
  auto source = std::make_unique<OrasSource>(uri, settings);
  SG_CHECK(source->find());
  return source;
}

}  // namespace sifguard
