// The URIs of images, in canonical form. Pure text; it parses text from users and administrators.
//
//   oras://HOST[:PORT]/REPOSITORY(:TAG|@sha256:HEX)        an OCI registry
//   library://HOST[:PORT]/ENTITY/COLLECTION/NAME:(TAG|sha256.HEX)     a container library
//   https://HOST[:PORT]/PATH[?QUERY]                       a SIF on a web server
//
// Canonical (RFC 3986 6.2 and the OCI distribution specification): scheme and host in lower case,
// no default port, no dot after the host, IP addresses as inet_ntop() writes them, the tag "latest"
// if there is none, no tag beside a digest, digests in lower case, and no unnecessary
// percent-encoding. Servers interpret these differently, so they are refused: user names,
// fragments, "//", "." and "..", encoded slashes, double encoding, and characters that must be
// encoded.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct ImageUri {
  enum class Kind { oras, library, https };
  Kind kind = Kind::https;
  std::string host;       ///< with its port; empty for a library:// URI without a host
  std::string path;       ///< repository, ENTITY/COLLECTION/NAME, or the path of an https URI
  std::string reference;  ///< tag, "sha256:HEX" (library: "sha256.HEX"); https: query, or empty

  /// Without the reference: the repository with its host.
  [[nodiscard]] std::string place() const;
  /// The whole URI.
  [[nodiscard]] std::string text() const;
  /// The same place with another reference; for oras and library.
  [[nodiscard]] std::string with(std::string_view reference) const;
  /// Whether the reference is a digest and not a tag.
  [[nodiscard]] bool by_digest() const;
};

/// The canonical form. Errors: Code::usage, which says what is wrong, and what to do about schemes
/// whose images are not SIF files (docker and others).
[[nodiscard]] Result<ImageUri> parse_image_uri(std::string_view text);

/// Whether a name is meant as a URI: it begins with a scheme and ":/", or with a scheme that is
/// used for images and ":", in upper or lower case, perhaps after blanks.
[[nodiscard]] bool looks_like_uri(std::string_view name);

/// What a user typed, for logs: "USER:PASSWORD@" is left out if it looks like a URI.
[[nodiscard]] std::string without_password(std::string_view typed);

/// Whether `text` is a digest, "sha256:" and 64 lower-case hexadecimal digits.
[[nodiscard]] bool is_sha256_reference(std::string_view text) noexcept;

}  // namespace sifguard
