// What `sifguard-pki` is asked and answers: codec of both messages.
#include "helper/verify/wire/pki_wire.h"

#include <algorithm>
#include <array>

#include "keystore/base/bytes.h"
#include "keystore/base/contains.h"
#include "keystore/base/failure_record.h"

namespace sifguard {
namespace {

constexpr std::string_view kPkiQuestion = "SPKQ\x01";
constexpr std::string_view kPkiAnswer = "SPKA\x01";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kSpkiSize = 64;
constexpr std::array<std::string_view, 3> kHashes = {"sha256", "sha384", "sha512"};
constexpr std::array<std::string_view, 3> kNameKinds = {"email:", "dns:", "uri:"};

// --- Requests ------------------------------------------------------------------------------------

struct ListLimit {
  std::string_view what;
  std::uint32_t count;
  std::uint32_t size;
};
constexpr ListLimit kKeys = {"public keys", kMaxPkiKeys, kMaxPkiKeySize};
constexpr ListLimit kLeaves = {"certificates", kMaxPkiKeys, kMaxPkiKeySize};
constexpr ListLimit kBetween = {"intermediate certificates", kMaxPkiKeys, kMaxPkiBundleSize};
constexpr ListLimit kRoots = {"root certificates", kMaxPkiKeys, kMaxPkiBundleSize};
constexpr ListLimit kCrls = {"CRLs", kMaxPkiCrls, kMaxPkiCrlTotal};
constexpr ListLimit kOcsp = {"OCSP responses", kMaxPkiOcsp, kMaxPkiOcspSize};

using Texts = std::vector<std::string>;

std::size_t total_of(const Texts& texts) {
  std::size_t total = 0;
  for (const std::string& text : texts) total += text.size();
  return total;
}

Status put_list(ByteWriter& out, const Texts& texts, const ListLimit& limit) {
  const bool fits = texts.size() <= limit.count &&
                    std::all_of(texts.begin(), texts.end(),
                                [&](const auto& text) { return text.size() <= limit.size; });
  if (!fits) {
    return fail(Code::config,
                "too many " + std::string(limit.what) + ", or too large ones, for one check",
                "at most " + std::to_string(limit.count) + " of " +
                    std::to_string(limit.size / 1024) + " KiB each");
  }
  out.u32(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.bytes(text);
  return {};
}

Texts get_list(ByteReader& in, const ListLimit& limit) {
  Texts texts;
  for (std::uint32_t left = in.count(limit.count); in.good() && left > 0; --left) {
    texts.emplace_back(in.bytes(limit.size));
  }
  return texts;
}

bool totals_fit(const PkiRequest& request) {
  const std::size_t keys = total_of(request.public_keys) + total_of(request.certificates) +
                           total_of(request.intermediates) + total_of(request.roots);
  return keys <= kMaxPkiKeyTotal && total_of(request.crls) <= kMaxPkiCrlTotal &&
         total_of(request.ocsp) <= kMaxPkiOcspTotal;
}

bool pairs_fit(const std::vector<PkiPair>& pairs) {
  std::size_t total = 0;
  for (const PkiPair& pair : pairs) {
    if (pair.data.size() > kMaxPkiData || pair.signature.size() > kMaxPkiSignature ||
        pair.key_hint.size() > kMaxPkiHint) {
      return false;
    }
    total += pair.data.size() + pair.signature.size() + pair.key_hint.size();
  }
  return pairs.size() <= kMaxPkiPairs && total <= kMaxPkiPairTotal;
}

// --- Answers -------------------------------------------------------------------------------------

/// Printable ASCII, so that root can show it anywhere.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string get_plain(ByteReader& in, std::size_t limit) {
  std::string text(in.bytes(static_cast<std::uint32_t>(limit)));
  if (!is_plain(text)) in.reject();
  return text;
}

std::string get_hex(ByteReader& in, std::size_t limit) {
  std::string text(in.bytes(static_cast<std::uint32_t>(limit)));
  if (text.find_first_not_of(kHexDigits) != std::string::npos) in.reject();
  return text;
}

/// A full digest or nothing.
std::string get_spki(ByteReader& in) {
  std::string text = get_hex(in, kSpkiSize);
  if (!text.empty() && text.size() != kSpkiSize) in.reject();
  return text;
}

PairVerdict get_pair(ByteReader& in) {
  PairVerdict verdict;
  const std::uint8_t status = in.u8();
  if (status < 1 || status > 5) in.reject();
  verdict.status = static_cast<PairStatus>(status);
  verdict.spki = get_spki(in);
  verdict.hash = in.bytes(static_cast<std::uint32_t>(kHashes.front().size()));
  const bool made = verdict.status == PairStatus::good || verdict.status == PairStatus::weak;
  const bool names_key = made || verdict.status == PairStatus::bad;
  const bool known_hash = contains(kHashes, verdict.hash);
  if (verdict.spki.empty() == names_key || (made ? !known_hash : !verdict.hash.empty())) {
    in.reject();
  }
  return verdict;
}

bool is_alternative_name(std::string_view text) {
  return std::any_of(kNameKinds.begin(), kNameKinds.end(), [&](std::string_view kind) {
    return text.starts_with(kind) && text.size() > kind.size();
  });
}

Texts get_names(ByteReader& in) {
  Texts names;
  std::size_t total = 0;
  for (std::uint32_t left = in.count(kMaxNames); in.good() && left > 0; --left) {
    names.push_back(get_plain(in, kMaxName));
    total += names.back().size();
    if (total > kMaxAllNames || !is_alternative_name(names.back())) in.reject();
  }
  return names;
}

CertificateVerdict get_certificate(ByteReader& in) {
  CertificateVerdict verdict;
  const std::uint8_t status = in.u8();
  if (status < 1 || status > 9) in.reject();
  verdict.status = static_cast<CertificateStatus>(status);
  verdict.spki = get_spki(in);
  verdict.subject = get_plain(in, kMaxSubject);
  verdict.names = get_names(in);
  verdict.serial = get_hex(in, kMaxSerial);
  verdict.valid_until = in.i64();
  verdict.note = in.bytes(kMaxVerdictNote);
  const bool good = verdict.status == CertificateStatus::good;
  const bool complete = !verdict.spki.empty() && !verdict.serial.empty() && verdict.valid_until > 0;
  if ((good && !complete) || verdict.note.empty() != good || verdict.valid_until < 0 ||
      !is_shown_safely(verdict.note)) {
    in.reject();
  }
  return verdict;
}

}  // namespace

Result<std::string> encode_pki_request(const PkiRequest& request) {
  ByteWriter out;
  out.raw(kPkiQuestion);
  SG_CHECK(put_list(out, request.public_keys, kKeys));
  SG_CHECK(put_list(out, request.certificates, kLeaves));
  SG_CHECK(put_list(out, request.intermediates, kBetween));
  SG_CHECK(put_list(out, request.roots, kRoots));
  SG_CHECK(put_list(out, request.crls, kCrls));
  SG_CHECK(put_list(out, request.ocsp, kOcsp));
  if (!totals_fit(request)) {
    return fail(Code::config, "too much key and revocation data for one check",
                "at most 8 MiB of keys and certificates, 16 MiB of CRLs, 4 MiB of OCSP responses");
  }
  out.u8(static_cast<std::uint8_t>(request.revocation));
  out.i64(request.now);
  if (!pairs_fit(request.pairs)) {
    return fail(Code::refused, "the image has too many signatures, or too large ones");
  }
  out.u32(static_cast<std::uint32_t>(request.pairs.size()));
  for (const PkiPair& pair : request.pairs) {
    out.bytes(pair.data);
    out.bytes(pair.signature);
    out.bytes(pair.key_hint);
  }
  return out.take();
}

Result<PkiRequest> decode_pki_request(std::string_view data) {
  ByteReader in(data);
  if (in.raw(kPkiQuestion.size()) != kPkiQuestion) in.reject();
  PkiRequest request;
  request.public_keys = get_list(in, kKeys);
  request.certificates = get_list(in, kLeaves);
  request.intermediates = get_list(in, kBetween);
  request.roots = get_list(in, kRoots);
  request.crls = get_list(in, kCrls);
  request.ocsp = get_list(in, kOcsp);
  const std::uint8_t revocation = in.u8();
  if (revocation > static_cast<std::uint8_t>(Revocation::ocsp_then_crl)) in.reject();
  request.revocation = static_cast<Revocation>(revocation);
  request.now = in.i64();
  for (std::uint32_t left = in.count(kMaxPkiPairs); in.good() && left > 0; --left) {
    PkiPair pair;
    pair.data = in.bytes(kMaxPkiData);
    pair.signature = in.bytes(kMaxPkiSignature);
    pair.key_hint = in.bytes(kMaxPkiHint);
    request.pairs.push_back(std::move(pair));
  }
  if (!in.finished() || !totals_fit(request) || !pairs_fit(request.pairs)) {
    return fail(Code::internal, "the public key check got a malformed request");
  }
  return request;
}

std::string encode_pki_answer(const PkiAnswer& answer) {
  ByteWriter out;
  out.raw(kPkiAnswer);
  out.u8(kAnswerRecord);
  out.u32(static_cast<std::uint32_t>(answer.pairs.size()));
  for (const PairVerdict& verdict : answer.pairs) {
    out.u8(static_cast<std::uint8_t>(verdict.status));
    out.bytes(verdict.spki);
    out.bytes(verdict.hash);
  }
  out.u32(static_cast<std::uint32_t>(answer.certificates.size()));
  for (const CertificateVerdict& verdict : answer.certificates) {
    out.u8(static_cast<std::uint8_t>(verdict.status));
    out.bytes(verdict.spki);
    out.bytes(verdict.subject);
    out.u32(static_cast<std::uint32_t>(verdict.names.size()));
    for (const std::string& name : verdict.names) out.bytes(name);
    out.bytes(verdict.serial);
    out.i64(verdict.valid_until);
    out.bytes(verdict.note);
  }
  return out.take();
}

std::string encode_pki_failure(const Error& error) {
  return encode_failure(kPkiAnswer, error);
}

Result<PkiAnswer> decode_pki_answer(std::string_view data, std::size_t pairs,
                                    std::size_t certificates) {
  ByteReader in(data);
  SG_TRY(const bool follows, begin_answer(in, kPkiAnswer));
  if (follows && in.u32() == pairs) {
    PkiAnswer answer;
    while (in.good() && answer.pairs.size() < pairs) answer.pairs.push_back(get_pair(in));
    if (in.u32() != certificates) in.reject();
    while (in.good() && answer.certificates.size() < certificates) {
      answer.certificates.push_back(get_certificate(in));
    }
    if (in.finished()) return answer;
  }
  return fail(Code::refused, "a signature made the public key check give a malformed answer");
}

}  // namespace sifguard
