// Reading one signature object of an image and classifying what it says. Sandboxed verifier.
#include "helper/verify/signature_object.h"

#include <algorithm>

#include "helper/verify/pgp_frame.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kLegacyPrefix = "SIFHASH:";

/// Empty unless the descriptor claims a fingerprint.
std::string claimed_fingerprint(const sif::Descriptor& object) {
  const auto& entity = object.signature->entity;
  const bool any =
      std::any_of(entity.begin(), entity.end(), [](std::byte b) { return b != std::byte{}; });
  return any ? to_upper(to_hex(entity)) : std::string();
}

void set(SignatureReport& report, StatementStatus status, std::string note) {
  report.statement = status;
  report.note = std::move(note);
}

void classify_clearsigned(const sif::Descriptor& object, const std::string& data,
                          SignatureCandidate& candidate) {
  SignatureReport& report = candidate.report;
  report.form = SignatureForm::openpgp;
  auto message = parse_clearsigned(data);
  if (!message) return set(report, StatementStatus::malformed, message.error().what());
  if (message->statement.starts_with(kLegacyPrefix)) {
    report.form = SignatureForm::legacy;
    return set(report, StatementStatus::unsupported,
               "the legacy form covers neither header nor descriptors");
  }
  // Current signatures stand outside the group that they speak about.
  if (object.group != 0 || object.link.kind != sif::Link::Kind::group) {
    return set(report, StatementStatus::malformed,
               "a signature must be in no group and linked to one");
  }
  auto statement = parse_statement(message->statement);
  if (!statement) {
    const bool weak = statement.error().code() == Code::denied;
    return set(report, weak ? StatementStatus::weak : StatementStatus::malformed,
               statement.error().what());
  }
  candidate.statement = *std::move(statement);
  report.signed_text = std::move(message->signed_text);
  report.signature = std::move(message->signature);
}

}  // namespace

Result<SignatureCandidate> read_signature_object(int fd, const sif::Descriptor& object) {
  if (object.size > kMaxSignatureSize) {
    return fail(Code::refused, object.shown() + " has " + std::to_string(object.size) +
                                   " bytes, more than the " + std::to_string(kMaxSignatureSize) +
                                   " of any signature");
  }
  std::string data(object.size, '\0');
  SG_CHECK(pread_exact(fd, std::as_writable_bytes(std::span(data.data(), data.size())),
                       object.offset, object.shown()));
  SignatureCandidate candidate;
  candidate.report.object_id = object.id;
  candidate.report.group_id = object.link.kind == sif::Link::Kind::group ? object.link.id : 0;
  candidate.report.claimed = claimed_fingerprint(object);
  if (is_clearsigned(data)) {
    classify_clearsigned(object, data, candidate);
  } else if (data.starts_with('{')) {
    candidate.report.form = SignatureForm::dsse;
    set(candidate.report, StatementStatus::unsupported, "DSSE signatures are not checked");
  } else {
    set(candidate.report, StatementStatus::malformed, "neither clearsigned text nor DSSE");
  }
  return candidate;
}

}  // namespace sifguard
