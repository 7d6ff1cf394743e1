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
  if (record.state == SignerState::revoked &&
      (state != SignerState::revoked ||
       !is_graver(record.state, record.reason, record.state_at, reason, at))) {
    return fail(Code::usage, "the signer " + record.id + " is revoked for good", "nothing changed");
  }
  // What was retired under a clock that was ahead is retired since an earlier time.
  const bool sooner = state == SignerState::retired && at < record.state_at;
  if (record.state == state && state != SignerState::revoked && !sooner) {
    return fail(Code::usage,
                "the signer " + record.id + " is " + std::string(signer_state_name(record.state)) +
                    " already",
                "nothing changed");
  }
  record.state = state;
  record.state_at = at;
  record.reason = state == SignerState::revoked ? reason : "";
  return record;
}

Status check_removable(const SignerRecord& record) {
  if (record.state == SignerState::revoked) {
    return fail(Code::usage, "the signer " + record.id + " is revoked for good",
                "its record stays, or who adds the key again would undo it");
  }
  return {};
}

}  // namespace sifguard
