// What an OpenPGP file holds, before gpg is asked: its packets, as far as their headers tell. Runs
// in `sifguard-pgp`; the bytes are hostile.
//
// Format: RFC 9580 4.2 (packet headers), 5.2.3 (signatures), 6.2 (ASCII armor). Looks for what gpg
// does not say: a revocation certificate alone, a file that was cut off. Nothing is believed here
// that gpg does not check afterwards. What a file is otherwise: base/file_kind.h.
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

/// Armored or binary data as binary, of the first block alone; empty if it is neither.
[[nodiscard]] std::string openpgp_bytes(std::string_view data);
/// As many as are well-formed, from the start of binary data; at most 65536.
[[nodiscard]] std::vector<OpenPgpPacket> openpgp_packets(std::string_view bytes);

/// Whether the first block of the data is made of whole packets: a file that was cut off is not.
[[nodiscard]] bool is_whole_openpgp(std::string_view data);

/// What the data holds, in all of its blocks: keys, by their primary packets, and what is none,
/// which who reads keys would pass over: blocks of PEM, revocations by themselves or behind another
/// key, what cannot be read. Binary data is one block.
struct OpenPgpContent {
  std::size_t keys = 0, others = 0;
};
[[nodiscard]] OpenPgpContent openpgp_content(std::string_view data);

/// Fingerprints (40 upper-case digits) of the RSA keys and subkeys of version 4, in all blocks of
/// the data, whose exponent is less than kLeastExponent (openssl.h): gpg tells none.
[[nodiscard]] std::vector<std::string> small_exponents_in(std::string_view data);

/// Whose revocation the data is and nothing else: a fingerprint (40 upper-case digits) or, where it
/// names none, a key id (16); nullopt for anything else.
[[nodiscard]] std::optional<std::string> lone_revocation_of(std::string_view data);

/// `added`, with the user ids of `stored` where it has none: a keyserver that shows no addresses
/// leaves them out, and gpg takes no such key. Both are of one primary key, binary and whole.
[[nodiscard]] std::string with_user_ids(const std::string& added, const std::string& stored);

/// The keys of the data, binary, without what they say of themselves and their subkeys in
/// signatures dated after `latest` (Unix seconds); nullopt when nothing is left out. gpg would let
/// the newest rule, and a clock that was ahead once would lengthen or end a key's life for as long.
/// Revocations stay whenever they say that they were made. A key that has signed no user id earlier
/// stays as it is or, with LastOnes::leave_out, has none any more: for who lends it some
/// (with_user_ids()).
enum class LastOnes { keep, leave_out };
[[nodiscard]] std::optional<std::string> without_later_signatures(std::string_view data,
                                                                  std::int64_t latest,
                                                                  LastOnes last = LastOnes::keep);

}  // namespace sifguard
