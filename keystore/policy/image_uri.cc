// The URIs of images, in their one canonical form. Pure.
#include "keystore/policy/image_uri.h"

#include <algorithm>
#include <array>
#include <optional>

#include "keystore/base/ascii.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/uri_part.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxUri = 2048;
constexpr std::array<std::string_view, 14> kKnownSchemes = {
    "oras",           "library",       "https", "http",    "docker",
    "docker-archive", "docker-daemon", "oci",   "oci-sif", "oci-archive",
    "shub",           "file",          "sif",   "ftp"};
constexpr std::array<std::string_view, 6> kLayers = {"docker", "docker-archive", "docker-daemon",
                                                     "oci",    "oci-archive",    "oci-sif"};

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& words) {
  return contains(words, word);
}

bool only(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alphanumeric(c) || more.find(c) != std::string_view::npos;
  });
}

tl::unexpected<Error> wrong(const std::string& what, std::string remedy = {}) {
  return fail(Code::usage, what, std::move(remedy));
}

Result<std::string> plain_path(std::string_view path) {
  std::string out;
  for (const std::string& part : split(path, '/')) {
    SG_TRY(const std::string component, plain_component(part));
    out += (out.empty() ? "" : "/") + component;
  }
  return out;
}

Result<std::string> canonical_path(std::string_view path) {
  std::string out;
  for (const std::string& part : split(path, '/')) {
    SG_TRY(const std::string component, canonical_component(part, false));
    out += (out.empty() ? "" : "/") + component;
  }
  return out;
}

Result<std::string> canonical_digest(std::string_view text) {
  std::string digest = to_lower(text);
  if (!is_sha256_reference(digest)) {
    return wrong("has a malformed digest", "write @sha256: and 64 hexadecimal digits");
  }
  return digest;
}

/// Splits "a/b:tag", "a/b@sha256:…" or both, of which the digest counts.
Status take_reference(std::string_view rest, ImageUri& uri) {
  const std::size_t slash = rest.rfind('/') + 1;  // 0 if there is none
  const std::size_t at = rest.find('@', slash);
  const std::size_t colon = std::min(rest.find(':', slash), std::min(at, rest.size()));
  uri.reference = "latest";
  if (colon < std::min(at, rest.size())) {
    const std::size_t end = std::min(at, rest.size());
    if (colon + 1 == end) return wrong("has an empty tag", "leave out the ':', or name one");
    SG_TRY(uri.reference, canonical_tag(rest.substr(colon + 1, end - colon - 1),
                                        uri.kind == ImageUri::Kind::library));
  }
  if (at != std::string_view::npos) {
    SG_TRY(uri.reference, canonical_digest(rest.substr(at + 1)));
  }
  SG_TRY(uri.path, plain_path(rest.substr(0, colon)));
  return {};
}

Status take_host(std::string_view& rest, ImageUri& uri) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  SG_TRY(uri.host, canonical_host(rest.substr(0, slash)));
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  return {};
}

Result<ImageUri> parse_https(std::string_view rest) {
  ImageUri uri;
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  const std::string_view query = rest.substr(std::min(mark + 1, rest.size()));
  rest = rest.substr(0, mark);
  SG_CHECK(take_host(rest, uri));
  SG_TRY(uri.path, canonical_path(rest));
  SG_TRY(uri.reference, canonical_query(query));
  return uri;
}

Result<ImageUri> parse_oras(std::string_view rest) {
  ImageUri uri;
  uri.kind = ImageUri::Kind::oras;
  SG_CHECK(take_host(rest, uri));
  SG_CHECK(take_reference(rest, uri));
  const bool capital =
      std::any_of(uri.path.begin(), uri.path.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (capital) return wrong("has capital letters in its repository, which registries know none of");
  return uri;
}

Result<ImageUri> parse_library(std::string_view rest) {
  ImageUri uri;
  uri.kind = ImageUri::Kind::library;
  const bool named = rest.substr(0, rest.find('/')).find_first_of(".:") != std::string_view::npos;
  if (named || std::count(rest.begin(), rest.end(), '/') == 3) SG_CHECK(take_host(rest, uri));
  SG_CHECK(take_reference(rest, uri));
  if (std::count(uri.path.begin(), uri.path.end(), '/') != 2) {
    return wrong("does not name an ENTITY/COLLECTION/NAME");
  }
  if (is_sha256_reference(uri.reference)) uri.reference[6] = '.';
  return uri;
}

tl::unexpected<Error> other_scheme(std::string_view scheme, std::string_view text) {
  if (is_one_of(scheme, kLayers)) {
    return wrong("a " + std::string(scheme) + ":// image is no SIF, which alone can be signed",
                 "apptainer build image.sif " + printable(without_password(text), 300) +
                     ", sign it and name the file");
  }
  return wrong("cannot get images by '" + printable(scheme, 50) + "://'",
               "use a path, oras://, library:// or https://");
}

Result<ImageUri> parse_rest(std::string_view scheme, std::string_view rest) {
  if (scheme == "oras") return parse_oras(rest);
  return scheme == "library" ? parse_library(rest) : parse_https(rest);
}

/// What is read from its own text again is the same: else two readers would know one image by two
/// names, as where something was encoded twice.
Result<ImageUri> parse_stable(std::string_view scheme, std::string_view rest) {
  SG_TRY(ImageUri uri, parse_rest(scheme, rest));
  const std::string text = uri.text();
  if (text.size() > kMaxUri) return wrong("has a canonical form of more than 2048 characters");
  SG_TRY(const ImageUri again,
         parse_rest(scheme, std::string_view(text).substr(scheme.size() + 3)));
  if (again.text() != text) return wrong("has no canonical form");
  return uri;
}

std::string subject(std::string_view text) {
  return "not an image: '" + printable(without_password(text), 300) + "'";
}

}  // namespace

std::string ImageUri::place() const {
  constexpr std::array<std::string_view, 3> kSchemes = {"oras://", "library://", "https://"};
  return std::string(kSchemes[static_cast<std::size_t>(kind)]) + host + (host.empty() ? "" : "/") +
         path;
}

std::string ImageUri::with(std::string_view other) const {
  if (kind == Kind::https) return place() + (other.empty() ? "" : "?" + std::string(other));
  return place() + (is_sha256_reference(other) ? "@" : ":") + std::string(other);
}

std::string ImageUri::text() const {
  return with(reference);
}

bool ImageUri::by_digest() const {
  if (kind == Kind::https) return false;
  std::string as_digest = reference;
  if (kind == Kind::library && as_digest.starts_with("sha256.")) as_digest[6] = ':';
  return is_sha256_reference(as_digest);
}

bool is_sha256_reference(std::string_view text) noexcept {
  constexpr std::string_view kPrefix = "sha256:";
  return text.starts_with(kPrefix) && text.size() == kPrefix.size() + 64 &&
         text.substr(kPrefix.size()).find_first_not_of("0123456789abcdef") ==
             std::string_view::npos;
}

bool looks_like_uri(std::string_view name) {
  const std::size_t begin = name.find_first_not_of(" \t\r\n\v\f");
  if (begin == std::string_view::npos) return false;
  name.remove_prefix(begin);
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos || colon == 0 || name[0] <= '9') return false;
  const std::string_view scheme = name.substr(0, colon);
  if (!only(scheme, "+-.")) return false;
  return name.substr(colon + 1).starts_with('/') || is_one_of(to_lower(scheme), kKnownSchemes);
}

std::string without_password(std::string_view typed) {
  const std::size_t start = typed.find("//");
  if (!looks_like_uri(typed) || start == std::string_view::npos) return std::string(typed);
  const std::size_t end = std::min(typed.find('/', start + 2), typed.size());
  const std::size_t at = typed.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(typed);
  return std::string(typed.substr(0, start + 2)) + "…" + std::string(typed.substr(at));
}

Result<ImageUri> parse_image_uri(std::string_view text) {
  constexpr const char* kForms =
      "write oras://HOST/REPOSITORY:TAG, library://ENTITY/COLLECTION/NAME:TAG or "
      "https://HOST/PATH.sif";
  if (text.size() > kMaxUri) return wrong("not an image: an address of more than 2048 characters");
  const bool blank = text.empty() || text.front() <= ' ' || text.back() == ' ' ||
                     text.back() == '\t' || text.back() == '\n' || text.back() == '\r';
  if (blank) return wrong(subject(text) + " is empty, or begins or ends with a blank", kForms);
  const std::size_t colon = text.find(':');
  const std::string scheme = to_lower(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  const bool known = is_one_of(scheme, std::array<std::string_view, 3>{"oras", "library", "https"});
  if (!known && only(scheme, "+-.")) return other_scheme(scheme, text);
  if (!known || !text.substr(colon).starts_with("://")) {
    return wrong(subject(text) + " has no '://' after its scheme",
                 std::string(kForms) + "; for a file of this name put ./ before it");
  }
  auto uri = parse_stable(scheme, text.substr(colon + 3));
  if (uri) return uri;
  const std::string& remedy = uri.error().remedy();
  return wrong(subject(text) + " " + uri.error().what(), remedy.empty() ? kForms : remedy);
}

}  // namespace sifguard
