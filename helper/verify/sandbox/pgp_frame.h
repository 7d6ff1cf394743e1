// Taking a clearsigned OpenPGP message apart. Runs in the sandboxed verifier.
//
// RFC 4880 7 (RFC 9580 7): armor header line, "Hash:" headers, an empty line, dash-escaped text,
// one armored signature. Lenient readers have verified one text and shown another
// (CVE-2019-11841), so nothing is skipped or guessed here, and gpg never sees the frame: the
// canonical text and the signature go to it as a detached pair.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct ClearsignedMessage {
  std::string statement;    ///< lines joined by LF, no final newline: what is to be interpreted
  std::string signed_text;  ///< the same lines joined by CRLF: what the signature is over
  std::string signature;    ///< the armored signature, rebuilt: no armor headers, LF
};

/// Whether `data` starts as a clearsigned message does.
[[nodiscard]] bool is_clearsigned(std::string_view data) noexcept;

/// Errors: Code::refused, naming the line.
[[nodiscard]] Result<ClearsignedMessage> parse_clearsigned(std::string_view data);

}  // namespace sifguard
