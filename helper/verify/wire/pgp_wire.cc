// What `sifguard-pgp` is asked and answers: codec of both messages.
#include "helper/verify/wire/pgp_wire.h"

#include <algorithm>

#include "keystore/base/bytes.h"
#include "keystore/base/failure_record.h"

namespace sifguard {
namespace {

constexpr std::string_view kPgpQuestion = "SGPQ\x01";
constexpr std::string_view kPgpAnswer = "SGPA\x01";
constexpr std::size_t kFingerprintSize = 40;
constexpr std::size_t kHashSize = 16;

std::string padded(std::string_view text, std::size_t size) {
  std::string field(text.substr(0, size));
  field.resize(size, '\0');
  return field;
}

/// A zero-padded field of characters from `alphabet`.
std::string get_field(ByteReader& in, std::size_t size, std::string_view alphabet) {
  const std::string_view field = in.raw(size);
  const std::string_view text = field.substr(0, field.find('\0'));
  if (text.find_first_not_of(alphabet) != text.npos ||
      field.substr(text.size()).find_first_not_of('\0') != field.npos) {
    in.reject();
  }
  return std::string(text);
}

std::string get_fingerprint(ByteReader& in) {
  std::string text = get_field(in, kFingerprintSize, "0123456789ABCDEF");
  if (!text.empty() && text.size() != kFingerprintSize) in.reject();
  return text;
}

PgpVerdict get_verdict(ByteReader& in) {
  PgpVerdict verdict;
  const std::uint8_t status = in.u8();
  if (status < 1 || status > static_cast<std::uint8_t>(kLastPgpStatus)) in.reject();
  verdict.status = static_cast<PgpStatus>(status);
  verdict.primary = get_fingerprint(in);
  verdict.signer = get_fingerprint(in);
  verdict.hash = get_field(in, kHashSize, "abcdefghijklmnopqrstuvwxyz0123456789-");
  verdict.made = in.i64();
  verdict.expires = in.i64();
  if (verdict.made < 0 || verdict.expires < 0) in.reject();
  const bool named = !verdict.primary.empty() && !verdict.signer.empty() && !verdict.hash.empty();
  if (verdict.status == PgpStatus::good && !(named && verdict.made > 0)) in.reject();
  return verdict;
}

}  // namespace

Result<std::string> encode_pgp_request(const PgpRequest& request) {
  ByteWriter out;
  out.raw(kPgpQuestion);
  std::size_t total = 0;
  out.u32(static_cast<std::uint32_t>(request.keys.size()));
  for (const std::string& key : request.keys) {
    total += key.size();
    if (key.size() > kMaxPgpKeySize) return fail(Code::config, "a signer's key is over 1 MiB");
    out.bytes(key);
  }
  out.u32(static_cast<std::uint32_t>(request.pairs.size()));
  for (const PgpPair& pair : request.pairs) {
    total += pair.data.size() + pair.signature.size();
    out.bytes(pair.data);
    out.bytes(pair.signature);
  }
  if (request.keys.size() > kMaxPgpKeys || total > kMaxPgpRequest / 2) {
    return fail(Code::config, "too many signer keys, or too large ones, for one check",
                "name fewer signers in the bindings of this image");
  }
  return out.take();
}

Result<PgpRequest> decode_pgp_request(std::string_view data) {
  ByteReader in(data);
  if (in.raw(kPgpQuestion.size()) != kPgpQuestion) in.reject();
  PgpRequest request;
  for (std::uint32_t left = in.count(kMaxPgpKeys); in.good() && left > 0; --left) {
    request.keys.emplace_back(in.bytes(kMaxPgpKeySize));
  }
  for (std::uint32_t left = in.count(kMaxPgpPairs); in.good() && left > 0; --left) {
    PgpPair pair;
    pair.data = in.bytes(kMaxPgpPart);
    pair.signature = in.bytes(kMaxPgpPart);
    request.pairs.push_back(std::move(pair));
  }
  if (!in.finished()) return fail(Code::internal, "the OpenPGP check got a malformed request");
  return request;
}

std::string encode_pgp_answer(const std::vector<PgpVerdict>& verdicts) {
  ByteWriter out;
  out.raw(kPgpAnswer);
  out.u8(kAnswerRecord);
  out.u32(static_cast<std::uint32_t>(verdicts.size()));
  for (const PgpVerdict& verdict : verdicts) {
    out.u8(static_cast<std::uint8_t>(verdict.status));
    out.raw(padded(verdict.primary, kFingerprintSize));
    out.raw(padded(verdict.signer, kFingerprintSize));
    out.raw(padded(verdict.hash, kHashSize));
    out.i64(verdict.made);
    out.i64(verdict.expires);
  }
  return out.take();
}

std::string encode_pgp_failure(const Error& error) {
  return encode_failure(kPgpAnswer, error);
}

Result<std::vector<PgpVerdict>> decode_pgp_answer(std::string_view data, std::size_t pairs) {
  ByteReader in(data);
  SG_TRY(const bool follows, begin_answer(in, kPgpAnswer));
  if (follows && in.u32() == pairs) {
    std::vector<PgpVerdict> verdicts;
    while (in.good() && verdicts.size() < pairs) verdicts.push_back(get_verdict(in));
    if (in.finished()) return verdicts;
  }
  return fail(Code::refused, "a signature made the OpenPGP check give a malformed answer");
}

}  // namespace sifguard
