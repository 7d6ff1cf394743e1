// The PKCS#11 URI of a key (RFC 7512). Pure.
#include "helper/tools/pkcs11_uri.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::size_t kLongest = 2048;

tl::unexpected<Error> unusable(std::string what, std::string remedy = {}) {
  return fail(Code::usage, "the PKCS#11 URI " + std::move(what), std::move(remedy));
}

/// RFC 3986 2.1; nullopt for a stray '%' or an encoded NUL.
std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1 || byte->front() == std::byte{}) return std::nullopt;
    bytes += static_cast<char>(byte->front());
    i += 2;
  }
  return bytes;
}

/// An absolute path, also as a file: URI (RFC 8089) without a host.
Result<std::string> path_in(std::string_view value, const std::string& name) {
  auto path = decoded(value);
  if (!path) return unusable("has a malformed " + name);
  if (path->starts_with("file:")) path->erase(0, 5);
  if (path->starts_with("///")) path->erase(0, 2);
  if (!path->starts_with('/') || path->starts_with("//")) {
    return unusable("has a " + name + " that is no absolute path", "give " + name + "=/PATH");
  }
  return *std::move(path);
}

Status take_attribute(std::string_view attribute, Pkcs11Uri& uri) {
  const std::size_t equals = attribute.find('=');
  const std::string name(attribute.substr(0, equals));
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : attribute.substr(equals + 1);
  if (name == "pin-value") {
    return unusable("holds the PIN, which every user of the machine can read there",
                    "give --passphrase-file, or pin-source=/FILE in the URI");
  }
  if (name == "pin-source") {
    SG_TRY(uri.pin_source, path_in(value, name));
  } else if (name == "module-path") {
    SG_TRY(uri.module, path_in(value, name));
  } else {
    return unusable("has the attribute '" + printable(name, 64) + "', which is not understood",
                    "of the query only module-path and pin-source are");
  }
  return {};
}

}  // namespace

Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text) {
  if (!text.starts_with(kScheme)) return unusable("does not begin with pkcs11:");
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f; };
  if (text.size() > kLongest || !std::all_of(text.begin(), text.end(), plain)) {
    return unusable("is too long or has characters that must be encoded as %XX");
  }
  const std::size_t mark = text.find('?');
  Pkcs11Uri uri;
  uri.object = text.substr(0, mark);
  if (uri.object.size() == kScheme.size()) {
    return unusable("names no key", "give pkcs11:token=NAME;object=NAME");
  }
  if (mark == std::string_view::npos) return uri;
  for (const std::string& attribute : split(text.substr(mark + 1), '&')) {
    SG_CHECK(take_attribute(attribute, uri));
  }
  return uri;
}

}  // namespace sifguard
