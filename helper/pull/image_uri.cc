// The URIs that images are pulled from. Pure.
#include "helper/pull/image_uri.h"

#include <algorithm>
#include <array>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxUri = 2048;
constexpr std::size_t kDigest = 71;  // "sha256:" and 64 digits

bool only(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

bool is_host(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view port = colon == std::string_view::npos ? "1" : text.substr(colon + 1);
  const std::string_view name = text.substr(0, colon);
  return only(name, ".-") && name.front() != '-' && name.front() != '.' && port.size() <= 5 &&
         !port.empty() && port.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Components of letters, digits and "._-", none of them "." or "..".
bool is_plain_path(std::string_view path) {
  for (const std::string& part : split(path, '/')) {
    if (!only(part, "._-") || part == "." || part == "..") return false;
  }
  return true;
}

bool is_reference(std::string_view text) {
  if (text.starts_with("sha256:")) {
    return text.size() == kDigest &&
           text.substr(7).find_first_not_of("0123456789abcdef") == std::string_view::npos;
  }
  return text.size() <= 128 && only(text, "._-") && text.front() != '.' && text.front() != '-';
}

tl::unexpected<Error> malformed(std::string_view text, const char* form) {
  return fail(Code::usage, "not an image: '" + printable(text, 300) + "'",
              std::string("write ") + form);
}

tl::unexpected<Error> other_scheme(std::string_view text) {
  const std::string scheme(text.substr(0, text.find(':')));
  constexpr std::array<std::string_view, 5> kLayers = {"docker", "docker-archive", "docker-daemon",
                                                       "oci", "oci-archive"};
  if (std::find(kLayers.begin(), kLayers.end(), scheme) != kLayers.end()) {
    return fail(
        Code::usage, "a " + scheme + ":// image is no SIF, which alone can be signed",
        "apptainer build image.sif " + printable(text, 300) + ", sign it and name the file");
  }
  return fail(Code::usage, "cannot get images by '" + printable(scheme, 50) + "://'",
              "use a path, oras://, library:// or https://");
}

/// Splits "a/b:tag" or "a/b@sha256:…"; a colon before the last '/' belongs to neither.
void take_reference(ImageUri& uri) {
  std::size_t at = uri.path.find('@');
  if (at == std::string::npos) at = uri.path.find(':', uri.path.rfind('/') + 1);
  uri.reference = at == std::string::npos ? "latest" : uri.path.substr(at + 1);
  uri.path.resize(std::min(at, uri.path.size()));
}

}  // namespace

Result<ImageUri> parse_image_uri(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos || text.size() > kMaxUri) {
    return malformed(text, "oras://HOST/REPOSITORY:TAG");
  }
  const std::string_view scheme = text.substr(0, mark);
  std::string_view rest = text.substr(mark + 3);
  ImageUri uri;
  const auto take_host = [&] {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    uri.host = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  };
  if (scheme == "https") {
    take_host();
    uri.path = rest;
    const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
      return c > ' ' && c <= '~' && c != '\\' && c != '#' && c != '"';
    });
    if (is_host(uri.host) && plain && !rest.empty()) return uri;
    return malformed(text, "https://HOST/PATH.sif");
  }
  if (scheme == "oras") {
    uri.kind = ImageUri::Kind::oras;
    take_host();
    uri.path = rest;
    take_reference(uri);
    if (is_host(uri.host) && is_plain_path(uri.path) && is_reference(uri.reference)) return uri;
    return malformed(text, "oras://HOST/REPOSITORY:TAG");
  }
  if (scheme != "library") return other_scheme(text);
  uri.kind = ImageUri::Kind::library;
  const std::string_view first = rest.substr(0, rest.find('/'));
  if (first.find_first_of(".:") != std::string_view::npos) take_host();
  uri.path = rest;
  take_reference(uri);
  const bool three = std::count(uri.path.begin(), uri.path.end(), '/') == 2;
  if ((uri.host.empty() || is_host(uri.host)) && three && is_plain_path(uri.path) &&
      is_reference(uri.reference)) {
    return uri;
  }
  return malformed(text, "library://ENTITY/COLLECTION/NAME:TAG");
}

}  // namespace sifguard
