// Reading one signature object of an image and classifying what it says. Sandboxed verifier.
#include "helper/verify/sandbox/signature_object.h"

#include <algorithm>
#include <iterator>

#include "helper/verify/sandbox/legacy.h"
#include "helper/verify/sandbox/pgp_frame.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

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

void set(SignatureReport& report, const Error& error) {
  const bool weak = error.code() == Code::denied;  // as the parsers of statements say it
  set(report, weak ? StatementStatus::weak : StatementStatus::malformed, error.what());
}

/// Takes a statement of the current form and its first signature.
void take_statement(const sif::Descriptor& object, const std::string& text,
                    std::string&& signed_text, std::string&& signature,
                    SignatureCandidate& candidate) {
  SignatureReport& report = candidate.report;
  // Current signatures stand outside the group that they speak about.
  if (object.group != 0 || object.link.kind != sif::Link::Kind::group) {
    return set(report, StatementStatus::malformed,
               "a signature must be in no group and linked to one");
  }
  auto statement = parse_statement(text);
  if (!statement) return set(report, statement.error());
  candidate.statement = *std::move(statement);
  report.signed_text = std::move(signed_text);
  report.signature = std::move(signature);
}

void take_legacy(const sif::Descriptor& object, ClearsignedMessage&& message,
                 SignatureCandidate& candidate) {
  SignatureReport& report = candidate.report;
  report.form = SignatureForm::legacy;
  if (object.link.kind == sif::Link::Kind::none) {
    return set(report, StatementStatus::malformed, "it is linked to neither object nor group");
  }
  auto digest = parse_legacy_statement(message.statement, object.signature->hash);
  if (!digest) return set(report, digest.error());
  candidate.legacy = *std::move(digest);
  report.signed_text = std::move(message.signed_text);
  report.signature = std::move(message.signature);
}

void classify_clearsigned(const sif::Descriptor& object, std::string_view data,
                          SignatureCandidate& candidate) {
  auto message = parse_clearsigned(data);
  if (!message) return set(candidate.report, message.error());
  if (is_legacy_statement(message->statement)) {
    return take_legacy(object, *std::move(message), candidate);
  }
  take_statement(object, message->statement, std::move(message->signed_text),
                 std::move(message->signature), candidate);
}

void classify_dsse(const sif::Descriptor& object, std::string_view data,
                   SignatureCandidate& candidate) {
  candidate.report.form = SignatureForm::dsse;
  auto envelope = parse_dsse(data);
  if (!envelope) return set(candidate.report, envelope.error());
  auto& signatures = envelope->signatures;
  take_statement(object, envelope->statement, std::move(envelope->signed_text),
                 std::move(signatures.front().signature), candidate);
  if (!candidate.statement) return;
  candidate.report.key_hint = std::move(signatures.front().key_hint);
  candidate.others.assign(std::make_move_iterator(signatures.begin() + 1),
                          std::make_move_iterator(signatures.end()));
}

}  // namespace

Result<std::string> read_signature_data(int fd, const sif::Descriptor& object) {
  if (object.size > kMaxSignatureSize) {
    return fail(Code::refused, object.shown() + " has " + std::to_string(object.size) +
                                   " bytes, more than the " + std::to_string(kMaxSignatureSize) +
                                   " of any signature");
  }
  std::string data(object.size, '\0');
  SG_CHECK(pread_exact(fd, std::as_writable_bytes(std::span(data.data(), data.size())),
                       object.offset, object.shown()));
  return data;
}

Result<SignatureCandidate> read_signature_object(int fd, const sif::Descriptor& object) {
  SG_TRY(const std::string data, read_signature_data(fd, object));
  SignatureCandidate candidate;
  candidate.report.object_id = object.id;
  candidate.report.group_id = object.link.kind == sif::Link::Kind::group ? object.link.id : 0;
  candidate.report.claimed = claimed_fingerprint(object);
  candidate.link = object.link;
  if (is_clearsigned(data)) {
    classify_clearsigned(object, data, candidate);
  } else if (is_dsse(data)) {
    classify_dsse(object, data, candidate);
  } else {
    set(candidate.report, StatementStatus::malformed, "neither clearsigned text nor DSSE");
  }
  return candidate;
}

}  // namespace sifguard
