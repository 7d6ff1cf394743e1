// The steps of a signer's life, before they are taken. Pure.
#include "keystore/store/signer_step.h"

#include "keystore/store/signer_revocation.h"

namespace sifguard {

Result<SignerRecord> stepped_signer(SignerRecord record, SignerState state, std::int64_t at,
                                    const std::string& reason, std::int64_t now) {
  if (state == SignerState::revoked) SG_CHECK(check_revocation_reason(reason));
  if (at <= 0 || at > now) {
    return fail(Code::usage, "the time is not in the past", "leave it out for now");
  }
  if (is_stepped(record, state, at, reason)) {
    return fail(Code::wrong_state,
                "the signer " + record.id + " is " + std::string(signer_state_name(record.state)) +
                    (state == SignerState::revoked ? " for good" : " already"),
                "nothing changed");
  }
  if (record.state == SignerState::revoked && state != SignerState::revoked) {
    return fail(Code::wrong_state, "the signer " + record.id + " is revoked for good",
                "nothing changed");
  }
  record.state = state;
  record.state_at = at;
  record.reason = state == SignerState::revoked ? reason : "";
  return record;
}

bool is_stepped(const SignerRecord& record, SignerState state, std::int64_t at,
                const std::string& reason) {
  if (record.state != state) return false;
  if (state == SignerState::revoked) {
    return !is_graver(record.state, record.reason, record.state_at, reason, at);
  }
  // What was retired under a clock that was ahead is retired since an earlier time.
  return state != SignerState::retired || at >= record.state_at;
}

Status check_removable(const SignerRecord& record) {
  if (record.state == SignerState::revoked) {
    return fail(Code::wrong_state, "the signer " + record.id + " is revoked for good",
                "its record stays, or who adds the key again would undo it");
  }
  return {};
}

}  // namespace sifguard
