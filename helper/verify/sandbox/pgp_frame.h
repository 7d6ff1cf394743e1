// Parses a clearsigned OpenPGP message. Runs in the sandboxed verifier.
//
// Format: RFC 4880 7 (RFC 9580 7): armor header line, "Hash:" headers, an empty line, dash-escaped
// text, one armored signature. Lenient readers have verified one text and shown another
// (CVE-2019-11841), so nothing is skipped or guessed here, and gpg never sees the frame: it gets
// the canonical text and the signature as a detached pair.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct ClearsignedMessage {
  std::string statement;    ///< lines joined by LF, no final newline; this is interpreted
  std::string signed_text;  ///< the same lines joined by CRLF; the signature covers this
  std::string signature;    ///< the armored signature, rebuilt: no armor headers, LF
};

/// Whether `data` starts like a clearsigned message.
[[nodiscard]] bool is_clearsigned(std::string_view data) noexcept;

/// Errors: Code::refused, which names the line.
[[nodiscard]] Result<ClearsignedMessage> parse_clearsigned(std::string_view data);

}  // namespace sifguard
