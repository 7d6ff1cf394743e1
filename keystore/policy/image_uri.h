// The URIs of images, in their one canonical form. Pure text; what is parsed comes from users and
// administrators.
//
//   oras://HOST[:PORT]/REPOSITORY(:TAG|@sha256:HEX)        an OCI registry
//   library://HOST[:PORT]/ENTITY/COLLECTION/NAME:(TAG|sha256.HEX)     a container library
//   https://HOST[:PORT]/PATH[?QUERY]                       a SIF on a web server
//
// Canonical (RFC 3986 6.2 and the OCI distribution specification): scheme and host in lower case,
// no default port, no dot after the host, IP addresses as inet_ntop() writes them, the tag "latest"
// where none was named, no tag beside a digest, digests in lower case, nothing percent-encoded that
// need not be. Refused, since servers differ about what it means: user names, fragments, "//", "."
// and "..", encoded slashes, what is encoded twice, and characters that want an encoding.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct ImageUri {
  enum class Kind { oras, library, https };
  Kind kind = Kind::https;
  std::string host;       ///< with its port; empty for a library:// URI that names none
  std::string path;       ///< repository, ENTITY/COLLECTION/NAME, or the path of an https URI
  std::string reference;  ///< tag, "sha256:HEX" (library: "sha256.HEX"); https: query, or empty

  /// Without the reference: the repository with its host.
  [[nodiscard]] std::string place() const;
  /// The whole URI.
  [[nodiscard]] std::string text() const;
  /// The same place under another reference; of oras and library.
  [[nodiscard]] std::string with(std::string_view reference) const;
  /// Whether the reference names content, not a tag.
  [[nodiscard]] bool by_digest() const;
};

/// The canonical form. Errors: Code::usage, saying what is wrong, and what to do about schemes that
/// bring no SIF (docker and others).
[[nodiscard]] Result<ImageUri> parse_image_uri(std::string_view text);

/// Whether a name is meant as a URI: it begins with a scheme and ":/", or with one of those that
/// images are known by and ":"; in any case, and after blanks.
[[nodiscard]] bool looks_like_uri(std::string_view name);

/// What a user typed, for logs: "USER:PASSWORD@" is left out of what looks like a URI.
[[nodiscard]] std::string without_password(std::string_view typed);

/// Whether `text` is a digest, "sha256:" and 64 lower-case hexadecimal digits.
[[nodiscard]] bool is_sha256_reference(std::string_view text) noexcept;

}  // namespace sifguard
