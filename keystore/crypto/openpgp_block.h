// The content of an OpenPGP file, before gpg reads it: its packets, as far as their headers say.
// Runs in `sifguard-pgp`; the bytes are hostile.
//
// Format: RFC 9580 4.2 (packet headers), 5.2.3 (signatures), 6.2 (ASCII armor). It detects what gpg
// does not report: a revocation certificate alone, a truncated file. gpg afterwards checks
// everything that is used. For other kinds of files see base/file_kind.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

struct OpenPgpPacket {
  int tag = 0;
  std::string_view whole;  ///< with its header; a view of what was parsed
  std::string_view body;
};

/// The first block of armored or binary data, as binary; empty if it is neither.
[[nodiscard]] std::string openpgp_bytes(std::string_view data);
/// The well-formed packets from the start of binary data, up to the first malformed one; at most
/// 65536.
[[nodiscard]] std::vector<OpenPgpPacket> openpgp_packets(std::string_view bytes);

/// Whether the first block of the data consists of complete packets: a truncated file does not.
[[nodiscard]] bool is_whole_openpgp(std::string_view data);

/// What all blocks of the data contain: `keys` counts primary keys, `others` counts parts that a
/// reader of keys would skip (PEM blocks, revocations alone or after another key, unreadable
/// parts). Binary data is one block.
struct OpenPgpContent {
  std::size_t keys = 0, others = 0;
};
[[nodiscard]] OpenPgpContent openpgp_content(std::string_view data);

/// Fingerprints (40 upper-case digits) of the RSA keys and subkeys of version 4, in all blocks of
/// the data, whose exponent is less than kLeastExponent (openssl.h); gpg does not report exponents.
[[nodiscard]] std::vector<std::string> small_exponents_in(std::string_view data);

/// If the data is a revocation and nothing else, the key that it revokes: a fingerprint (40
/// upper-case digits) or, if it names none, a key id (16 digits); otherwise nullopt.
[[nodiscard]] std::optional<std::string> lone_revocation_of(std::string_view data);

/// `added`, with the user ids of `stored` if it has none: a keyserver that hides addresses leaves
/// them out, and gpg accepts no such key. Both must be of one primary key, binary and complete.
[[nodiscard]] std::string with_user_ids(const std::string& added, const std::string& stored);

/// The keys of the data, binary, without self-signatures and subkey signatures dated after `latest`
/// (Unix seconds); nullopt when nothing is left out. For gpg the newest signature counts, so a
/// clock that was once ahead would extend or end a key's life. Revocations stay, whatever their
/// date. A key without an earlier signature on a user id stays unchanged or, with
/// LastOnes::leave_out, loses its user ids: for callers that then add some (with_user_ids()).
enum class LastOnes { keep, leave_out };
[[nodiscard]] std::optional<std::string> without_later_signatures(std::string_view data,
                                                                  std::int64_t latest,
                                                                  LastOnes last = LastOnes::keep);

}  // namespace sifguard
