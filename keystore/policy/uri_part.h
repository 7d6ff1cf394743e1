// The parts of URIs, in their one canonical form (image_uri.h). Pure text.
//
// Errors are all Code::usage, and what is wrong is said as to follow a subject: "has a malformed
// port 'x'".
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// HOST[:PORT]: a name in lower case and without a final dot, or an address as inet_ntop() writes
/// it; no port where it is the one of HTTPS.
[[nodiscard]] Result<std::string> canonical_host(std::string_view text);

/// "" or ":PORT" as it is: in decimal, and none where it is the one of HTTPS.
[[nodiscard]] Result<std::string> canonical_port(std::string_view text);

/// One component of a repository's path, or a tag: letters, digits and "._-", nothing encoded.
[[nodiscard]] Result<std::string> plain_component(std::string_view text);

/// A tag. What a library takes for a digest ("sha256." and 64 digits) has no case there; any other
/// tag does.
[[nodiscard]] Result<std::string> canonical_tag(std::string_view text, bool library);

/// One component of an https path, with no more encoded than must be. In `pattern` the wildcards
/// stay; an encoded one, or an encoded character that other programs replace, becomes a [set].
[[nodiscard]] Result<std::string> canonical_component(std::string_view component, bool pattern);

/// The query of an https URI, without its '?': encoded delimiters stay so.
[[nodiscard]] Result<std::string> canonical_query(std::string_view query);

}  // namespace sifguard
