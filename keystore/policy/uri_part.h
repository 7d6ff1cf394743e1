// The parts of URIs, in canonical form (image_uri.h). Pure text.
//
// All errors are Code::usage, with a text that follows a subject: "has a malformed port 'x'".
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// HOST[:PORT]: a name in lower case and without a final dot, or an address as inet_ntop() writes
/// it; no port if it is that of HTTPS.
[[nodiscard]] Result<std::string> canonical_host(std::string_view text);

/// "" or ":PORT": in decimal, and "" if it is that of HTTPS.
[[nodiscard]] Result<std::string> canonical_port(std::string_view text);

/// One component of a repository's path, or a tag: letters, digits and "._-", without
/// percent-encoding.
[[nodiscard]] Result<std::string> plain_component(std::string_view text);

/// A tag. In a library, a digest ("sha256." and 64 digits) is case-insensitive; any other tag is
/// case-sensitive.
[[nodiscard]] Result<std::string> canonical_tag(std::string_view text, bool library);

/// One component of an https path, without unnecessary percent-encoding. In a `pattern` wildcards
/// stay; an encoded wildcard, or an encoded character that is a wildcard in other programs, becomes
/// a [set].
[[nodiscard]] Result<std::string> canonical_component(std::string_view component, bool pattern);

/// The query of an https URI, without its '?'; encoded delimiters stay encoded.
[[nodiscard]] Result<std::string> canonical_query(std::string_view query);

}  // namespace sifguard
