// What sifctl asks `sifguard-pgp` about a key, and what that answers: codec of both messages.
#include "keystore/crypto/openpgp_merge_wire.h"

#include "keystore/base/bytes.h"
#include "keystore/base/failure_record.h"

namespace sifguard {
namespace {

constexpr std::string_view kQuestion = "SGMQ\x01";
constexpr std::string_view kAnswer = "SGMA\x01";
constexpr std::uint32_t kMaxSpelling = 256;  // of a fingerprint, as typed
constexpr std::uint32_t kMaxUserId = 4096;
constexpr std::uint32_t kMaxAlgorithm = 64;
constexpr std::uint32_t kMaxKeyParts = 1024;
constexpr std::size_t kFingerprintDigits = 40;
constexpr std::size_t kKeyIdDigits = 16;

std::string get_digits(ByteReader& in, bool key_id_too) {
  std::string text(in.bytes(kFingerprintDigits));
  const bool size =
      text.size() == kFingerprintDigits || (key_id_too && text.size() == kKeyIdDigits);
  if (!size || text.find_first_not_of("0123456789ABCDEF") != std::string::npos) in.reject();
  return text;
}

std::int64_t get_time(ByteReader& in) {
  const std::int64_t time = in.i64();
  if (time < 0) in.reject();
  return time;
}

void put_part(ByteWriter& out, const OpenPgpSubkey& part) {
  out.bytes(part.fingerprint);
  out.i64(part.created);
  out.i64(part.expires);
  out.u8(part.revoked ? 1 : 0);
  out.u8(part.expired ? 1 : 0);
  out.u8(part.can_sign ? 1 : 0);
}

OpenPgpSubkey get_part(ByteReader& in) {
  OpenPgpSubkey part;
  part.fingerprint = get_digits(in, false);
  part.created = get_time(in);
  part.expires = get_time(in);
  part.revoked = in.boolean();
  part.expired = in.boolean();
  part.can_sign = in.boolean();
  return part;
}

void put_key(ByteWriter& out, const std::optional<OpenPgpKey>& key) {
  out.u8(key ? 1 : 0);
  if (!key) return;
  out.bytes(key->fingerprint);
  out.bytes(std::string_view(key->user_id).substr(0, kMaxUserId));
  out.bytes(std::string_view(key->algorithm).substr(0, kMaxAlgorithm));
  out.i64(key->created);
  out.i64(key->expires);
  out.u8(key->revoked ? 1 : 0);
  out.u8(key->expired ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(key->parts.size()));
  for (const OpenPgpSubkey& part : key->parts) put_part(out, part);
}

std::optional<OpenPgpKey> get_key(ByteReader& in) {
  if (!in.boolean()) return std::nullopt;
  OpenPgpKey key;
  key.fingerprint = get_digits(in, false);
  key.user_id = in.bytes(kMaxUserId);
  key.algorithm = in.bytes(kMaxAlgorithm);
  key.created = get_time(in);
  key.expires = get_time(in);
  key.revoked = in.boolean();
  key.expired = in.boolean();
  for (std::uint32_t left = in.count(kMaxKeyParts); in.good() && left > 0; --left) {
    key.parts.push_back(get_part(in));
  }
  if (key.parts.empty() || key.parts.front().fingerprint != key.fingerprint) in.reject();
  return key;
}

PgpMerged get_merged(ByteReader& in) {
  PgpMerged merged;
  merged.names = get_digits(in, true);
  merged.revocation = in.boolean();
  merged.before = get_key(in);
  merged.after = get_key(in);
  merged.armored = in.bytes(kMaxMergePart);
  merged.left_out = in.boolean();
  const auto is_named = [&](const std::optional<OpenPgpKey>& key) {
    return !key || key->fingerprint == merged.names;
  };
  constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n";
  const bool armored =
      merged.after ? merged.armored.starts_with(kBegin) : merged.armored.empty() && !merged.before;
  if (!armored || !is_named(merged.before) || !is_named(merged.after)) in.reject();
  return merged;
}

}  // namespace

Result<std::string> encode_merge_request(const PgpMergeRequest& request) {
  if (request.added.size() > kMaxMergePart || request.stored.size() > kMaxMergePart) {
    return fail(Code::refused, "the OpenPGP key file is too large");
  }
  if (request.fingerprint.size() > kMaxSpelling) {
    return fail(Code::usage, "not a full OpenPGP fingerprint", "give all 40 digits of it");
  }
  ByteWriter out;
  out.raw(kQuestion);
  out.bytes(request.added);
  out.bytes(request.fingerprint);
  out.bytes(request.stored);
  return out.take();
}

bool is_merge_request(std::string_view data) noexcept {
  return data.starts_with(kQuestion);
}

Result<PgpMergeRequest> decode_merge_request(std::string_view data) {
  ByteReader in(data);
  if (in.raw(kQuestion.size()) != kQuestion) in.reject();
  PgpMergeRequest request;
  request.added = in.bytes(kMaxMergePart);
  request.fingerprint = in.bytes(kMaxSpelling);
  request.stored = in.bytes(kMaxMergePart);
  if (!in.finished()) return fail(Code::internal, "the OpenPGP check got a malformed request");
  return request;
}

Result<std::string> encode_merged(const PgpMerged& merged) {
  if (merged.armored.size() > kMaxMergePart ||
      (merged.after && merged.after->parts.size() > kMaxKeyParts)) {
    return fail(Code::refused, "the OpenPGP key is too large",
                "ask its owner for one with fewer subkeys, user ids and pictures");
  }
  ByteWriter out;
  out.raw(kAnswer);
  out.u8(kAnswerRecord);
  out.bytes(merged.names);
  out.u8(merged.revocation ? 1 : 0);
  put_key(out, merged.before);
  put_key(out, merged.after);
  out.bytes(merged.armored);
  out.u8(merged.left_out ? 1 : 0);
  return out.take();
}

std::string encode_merge_failure(const Error& error) {
  return encode_failure(kAnswer, error);
}

Result<PgpMerged> decode_merged(std::string_view data) {
  ByteReader in(data);
  SG_TRY(const bool follows, begin_answer(in, kAnswer));
  if (follows) {
    PgpMerged merged = get_merged(in);
    if (in.finished()) return merged;
  }
  return fail(Code::refused, "the key made the OpenPGP check give a malformed answer");
}

}  // namespace sifguard
